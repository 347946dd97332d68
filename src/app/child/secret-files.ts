import path from 'node:path';
import { SecretctlError, systemCode, unlessSystem } from '../../lib/errors.ts';
import { writePrivateFile } from '../../lib/private-file.ts';
import type { Runtime } from '../../lib/runtime.ts';
import type { Secret } from '../../lib/secrets.ts';
import { isInWorkspace } from '../workspace.ts';
import type { Variables } from './environment.ts';
import { makeOwnDirectory, sweepOwnDirectories } from './own-directory.ts';

/** Secrets that the child gets as files. */
export interface SecretFiles {
  /** The path of each, by the secret's name. */
  readonly paths: Variables;
  /** Removes them. */
  remove(): void;
}

const NONE: SecretFiles = { paths: {}, remove: () => undefined };

/**
 * Writes each secret to a file of its own, 0600 in a directory 0700, in memory where there is such a place and never in
 * the workspace. Removes what killed runs left there. Throws WRITE_FAILED or DISK_FULL (74), and leaves nothing then.
 */
export function writeSecretFiles(secrets: readonly Secret[], runtime: Runtime): SecretFiles {
  const { fs } = runtime;
  const places = privatePlaces(runtime);
  for (const place of places) sweepOwnDirectories(place, runtime);
  if (secrets.length === 0) return NONE;
  const directory = makeFirst(places, runtime);
  const remove = (): void => unlessSystem(() => fs.rmSync(directory, { recursive: true, force: true }));
  try {
    const paths: (readonly [name: string, file: string])[] = [];
    for (const { name, value, fileName = name } of secrets) {
      const file = path.join(directory, fileName);
      writePrivateFile(file, value.reveal(), fs);
      paths.push([name, file]);
    }
    return { paths: Object.fromEntries(paths), remove };
  } catch (error) {
    remove();
    throw writeFailure(error);
  }
}

function writeFailure(error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new SecretctlError(
    isFull ? 'DISK_FULL' : 'WRITE_FAILED',
    `a secret could not be written to a file (${code}); the command was not started`,
  );
}

/** The magic numbers of file systems that live in memory: tmpfs and ramfs (statfs(2)). */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** Directories that may hold one of ours, those in memory first. */
function privatePlaces(runtime: Runtime): readonly string[] {
  const { env, host, fs } = runtime;
  const wanted = [
    env['XDG_RUNTIME_DIR'],
    '/dev/shm',
    env['RUNNER_TEMP'],
    env['WORKSPACE_TMP'],
    host.temporaryDirectory,
  ];
  const there = [...new Set(wanted)]
    .filter((place) => place !== undefined && path.isAbsolute(place))
    .filter((place) => place !== undefined)
    .filter((place) => unlessSystem(() => fs.statSync(place))?.isDirectory() === true)
    .filter((place) => !isInWorkspace(place, runtime));
  const isInMemory = (place: string): boolean => IN_MEMORY.has(unlessSystem(() => fs.statfsSync(place).type) ?? 0);
  return [...there.filter(isInMemory), ...there.filter((place) => !isInMemory(place))];
}

function makeFirst(places: readonly string[], runtime: Runtime): string {
  let last: unknown;
  for (const place of places) {
    try {
      return makeOwnDirectory(place, 'run', runtime);
    } catch (error) {
      last = error;
    }
  }
  if (last !== undefined) throw writeFailure(last);
  throw new SecretctlError('WRITE_FAILED', 'there is no place outside of the workspace for secrets that are files', {
    hint: 'set TMPDIR to a private directory that is not part of the checkout',
  });
}
