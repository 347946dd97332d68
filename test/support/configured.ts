import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadSettings } from '../../src/config/load.ts';
import type { CommandName, Settings } from '../../src/config/types.ts';
import { SecretctlError } from '../../src/lib/errors.ts';
import { type Runtime, systemRuntime } from '../../src/lib/runtime.ts';

/** The documented example of a configuration. */
export const DOCUMENTED = readFileSync(
  path.join(import.meta.dirname, '../fixtures/config/fine/documented.yaml'),
  'utf8',
);

/** What one run is configured with. */
export interface Configured {
  /** Files by path in a fresh directory, which is the working directory unless `cwd` names another below it. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Without `--`; one text, or several for a flag that is repeated. */
  readonly flags?: Readonly<Record<string, string | readonly string[]>>;
  readonly args?: readonly string[];
  readonly command?: CommandName;
}

/** Settings, or the error instead of them. */
export type Loaded =
  | { readonly settings: Settings; readonly error?: never }
  | { readonly error: SecretctlError; readonly settings?: never };

/** A Runtime with this environment and working directory, the rest as it is. */
export function runtimeIn(cwd: string, env: Readonly<Record<string, string>> = {}): Runtime {
  const system = systemRuntime();
  return { ...system, env, host: { ...system.host, cwd } };
}

/** Loads the configuration of one run in a directory of its own. Only our own refusals are caught. */
export async function load(configured: Configured): Promise<Loaded> {
  return inDirectory(configured.files ?? {}, async (root) => {
    const raw = {
      command: configured.command ?? 'fetch',
      arguments: configured.args ?? [],
      flags: new Map(Object.entries(configured.flags ?? {}).map(([flag, value]) => [flag, [value].flat()])),
    } as const;
    try {
      return { settings: await loadSettings(raw, runtimeIn(path.join(root, configured.cwd ?? ''), configured.env)) };
    } catch (error) {
      if (error instanceof SecretctlError) return { error };
      throw error;
    }
  });
}

/** Runs `work` in a fresh directory with these files, and removes it. A path that ends with `/` is a directory. */
export async function inDirectory<T>(
  files: Readonly<Record<string, string | Buffer>>,
  work: (root: string) => Promise<T>,
): Promise<T> {
  const root = mkdtempSync(path.join(tmpdir(), 'configured-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(root, name);
      mkdirSync(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
      if (!name.endsWith('/')) writeFileSync(file, text);
    }
    return await work(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Everything that an error says. */
export function textOf(error: SecretctlError | undefined): string {
  if (error === undefined) return '';
  return [...(error.facts.details ?? []), `${error.reason}: ${error.message}`, ...error.hints].join('\n');
}
