import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Finished, runProgram } from './program.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const PYTHON = path.join(ROOT, '.tools/cloud-clients/bin/python');

/** Whether the clients of others are installed (`scripts/install-servers.sh cloud-clients`). */
export const HAS_CLIENTS = existsSync(PYTHON);

/** Whether a server of others is installed. */
export function isInstalled(name: string): boolean {
  return existsSync(path.join(ROOT, '.tools', name));
}

/** What a rehearsal's command is given. */
export interface Rehearsing {
  readonly backend: string;
  /** Flags of `dev exec`. */
  readonly flags?: readonly string[];
}

/** The answers of a client of others, by reference, inside of a rehearsal; a program below `test/interop/clients`. */
export async function askClient(
  client: string,
  rehearsing: Rehearsing,
  references: readonly string[],
): Promise<unknown> {
  const program = path.join(ROOT, 'test/interop/clients', client);
  const { exit, stdout, stderr } = await rehearse(rehearsing, [PYTHON, program, ...references]);
  if (exit !== 0) throw new Error(`${client} ended with ${exit}: ${stderr}`);
  return JSON.parse(stdout.toString('utf8'));
}

/** What `secretctl fetch` gives for the same. */
export function askSecretctl(rehearsing: Rehearsing, references: readonly string[]): Promise<Finished> {
  return rehearse(rehearsing, ['secretctl', 'fetch', '--format', 'json', ...references]);
}

async function rehearse({ backend, flags = [] }: Rehearsing, command: readonly string[]): Promise<Finished> {
  const cwd = mkdtempSync(path.join(tmpdir(), 'rehearsed-client-'));
  try {
    const env = { PATH: process.env['PATH'] ?? '', HOME: cwd };
    return await runProgram(['dev', 'exec', '--backend', backend, ...flags, '--', ...command], { env, cwd });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
