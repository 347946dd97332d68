import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Finished, runProgram } from './program.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** The environments of Python that clients of others are installed in, by name (`scripts/install-servers.sh NAME`). */
type Clients = 'cloud-clients' | 'vault-clients';

/** Whether the clients of Microsoft and Google are installed. */
export const HAS_CLIENTS = existsSync(pythonOf('cloud-clients'));

/** Whether those for Conjur, Vault and AWS are. */
export const HAS_VAULT_CLIENTS = existsSync(pythonOf('vault-clients'));

function pythonOf(clients: Clients): string {
  return path.join(ROOT, '.tools', clients, 'bin/python');
}

/** Whether a server of others is installed. */
export function isInstalled(name: string): boolean {
  return existsSync(path.join(ROOT, '.tools', name));
}

/** What a rehearsal's command is given. */
export interface Rehearsing {
  readonly backend: string;
  /** Where its client is installed. */
  readonly clients?: Clients;
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
  const { exit, stdout, stderr } = await rehearse(rehearsing, [
    pythonOf(rehearsing.clients ?? 'cloud-clients'),
    program,
    ...references,
  ]);
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
