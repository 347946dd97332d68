import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Circumstances, Renderer } from '../../src/formats/types.ts';
import { SecretctlError } from '../../src/lib/errors.ts';
import type { Secret } from '../../src/lib/secrets.ts';
import { Sensitive } from '../../src/lib/sensitive.ts';

/** A real program or library that reads one of our dialects. */
export interface Reader {
  readonly name: string;
  /** Whether it is on this machine. */
  readonly isHere: boolean;
  /** No package registry has it: it is not missed in CI either. */
  readonly isRare?: boolean;
  /** Every variable or member that it found in this file. */
  read(file: string): ReadonlyMap<string, Buffer>;
}

/** An ordinary job that writes to a file or elsewhere; what should be random counts up. */
export function circumstances(more: Partial<Circumstances> = {}): Circumstances {
  let drawn = 0;
  const random = (bytes: number): Buffer => Buffer.alloc(bytes, ++drawn);
  return { destination: 'file', env: {}, random, reportLimits: { bytes: 0, variables: 0 }, ...more };
}

/** Secrets called SECRET_0, SECRET_1, … with these values. */
export function named(values: readonly (Buffer | string)[]): Secret[] {
  return values.map((value, index) => ({
    name: `SECRET_${index}`,
    value: new Sensitive(value),
    reference: `test/${index}`,
  }));
}

/** The values that the format can carry; it must refuse the others with NOT_REPRESENTABLE. */
export function carried<Value extends Buffer | string>(format: Renderer, values: readonly Value[]): Value[] {
  return values.filter((value) => {
    try {
      format.render(named([value]), circumstances());
      return true;
    } catch (error) {
      if (error instanceof SecretctlError && error.reason === 'NOT_REPRESENTABLE') return false;
      throw error;
    }
  });
}

/** Writes all values into one file, each with its neighbours, and says which names the reader got wrong or lost. */
export function differences(format: Renderer, reader: Reader, values: readonly (Buffer | string)[]): string[] {
  if (!reader.isHere) throw new Error(`${reader.name} is not installed: scripts/install-readers.sh`);
  const secrets = named(values);
  const directory = mkdtempSync(path.join(tmpdir(), 'round-trip-'));
  try {
    const file = path.join(directory, 'file');
    writeFileSync(file, format.render(secrets, circumstances()));
    const found = reader.read(file);
    const wrong = secrets.filter((secret) => found.get(secret.name)?.equals(secret.value.reveal()) !== true);
    const strange = [...found.keys()].filter(
      (name) => name.startsWith('SECRET_') && !secrets.some((secret) => secret.name === name),
    );
    return [
      ...wrong.map((secret) => `${secret.name}: ${JSON.stringify(secret.value.reveal().toString())}`),
      ...strange,
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Whether tests of a reader are skipped: it is not installed, and this is not CI, where that is a failure if it can be had. */
export function isSkipped({ isHere, isRare = false }: Pick<Reader, 'isHere' | 'isRare'>): boolean {
  return !isHere && (isRare || process.env['CI'] !== 'true');
}

/** Where a program is on PATH; undefined when it is not. */
export function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((directory) => !directory.includes('node_modules'))
    .map((directory) => path.join(directory, name))
    .find((candidate) => existsSync(candidate));
}

/** A file of what scripts/install-readers.sh installed; undefined when it is not there. */
export function installed(name: string): string | undefined {
  const file = fileURLToPath(new URL(`../../.readers/${name}`, import.meta.url));
  return existsSync(file) ? file : undefined;
}

/** A Python with that module: the one that scripts/install-readers.sh made, else the machine's own. */
export function pythonWith(module: string): string | undefined {
  const candidates = [installed('bin/python3'), onPath('python3')].filter((candidate) => candidate !== undefined);
  return candidates.find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0);
}

/** What a program prints when run on a file. */
export function output(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Buffer {
  return execFileSync(command, [...args], { env, maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Name and value pairs as `env -0` prints them. */
export function environmentIn(printed: Buffer): Map<string, Buffer> {
  const variables = new Map<string, Buffer>();
  for (let start = 0; start < printed.length;) {
    const end = printed.indexOf(0, start);
    const equals = printed.indexOf('=', start);
    variables.set(printed.toString('latin1', start, equals), printed.subarray(equals + 1, end));
    start = end + 1;
  }
  return variables;
}

/** Name and value pairs of an object of strings. */
export function members(object: unknown): Map<string, Buffer> {
  const entries = Object.entries(object as Record<string, unknown>);
  return new Map(
    entries
      .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      .map(([name, text]) => [name, Buffer.from(text)]),
  );
}
