import path from 'node:path';
import { type Reason, SecretctlError } from '../lib/errors.ts';
import { readPlainFile } from '../lib/plain-file.ts';
import type { Runtime } from '../lib/runtime.ts';
import { quoted } from '../lib/text.ts';

/** The name that is looked for. */
const FILE_NAME = 'secretctl.yaml';

/** Names that people give to the file and that are not looked for. */
const OTHER_NAMES = ['secretctl.yml', '.secretctl.yaml', '.secretctl.yml', 'secretctl.json'];

/** Most bytes of a configuration file. */
const MOST_BYTES = 1024 * 1024;

/**
 * Path of the configuration file: the one that was named, else `secretctl.yaml` in the working directory or above
 * it up to the root of the repository. Outside of a repository nothing above the working directory is looked at:
 * anybody may put a file into a shared directory. Undefined when there is none.
 */
export function findConfiguration(named: string | undefined, runtime: Runtime): string | undefined {
  if (named !== undefined) return path.resolve(runtime.host.cwd, named);
  return searched(runtime)
    .map((directory) => path.join(directory, FILE_NAME))
    .find((file) => exists(file, runtime));
}

/** Files that somebody may take for the configuration and that stand nearer than `found`, or where there is none. */
export function misnamedConfigurations(found: string | undefined, runtime: Runtime): readonly string[] {
  const directories = searched(runtime);
  const end = found === undefined ? directories.length : directories.indexOf(path.dirname(found));
  return directories
    .slice(0, Math.max(0, end))
    .flatMap((directory) => OTHER_NAMES.map((name) => path.join(directory, name)))
    .filter((file) => exists(file, runtime));
}

/** Where a configuration is looked for, nearest first. */
function searched(runtime: Runtime): readonly string[] {
  const { cwd } = runtime.host;
  const above: string[] = [];
  for (let directory = cwd; ; directory = path.dirname(directory)) {
    above.push(directory);
    if (exists(path.join(directory, '.git'), runtime)) return above;
    if (path.dirname(directory) === directory) return [cwd];
  }
}

function exists(file: string, { fs }: Runtime): boolean {
  return fs.statSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** How a path is shown: relative to the working directory when it is below it. */
export function shownPath(file: string, runtime: Runtime): string {
  const relative = path.relative(runtime.host.cwd, file);
  return relative === '' || relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}

/**
 * The text of a regular file of at most 1 MiB, UTF-8. Throws CONFIG_TOO_BIG; CONFIG_MISSING when it does not exist;
 * CONFIG_INVALID when it is something else than a file, cannot be read or is not UTF-8.
 */
export function readTextFile(file: string, { fs }: Runtime): string {
  const bytes = readBytes(file, fs);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw failure('CONFIG_INVALID', file, 'is not UTF-8');
  }
}

function readBytes(file: string, fs: Runtime['fs']): Buffer {
  const read = readPlainFile(file, { mostBytes: MOST_BYTES }, fs);
  if ('phrase' in read) {
    const isAbsent = read.code === 'ENOENT' || read.code === 'ENOTDIR';
    throw failure(isAbsent ? 'CONFIG_MISSING' : 'CONFIG_INVALID', file, read.phrase);
  }
  if (read.bytes.length > MOST_BYTES) throw failure('CONFIG_TOO_BIG', file, `is larger than ${MOST_BYTES} bytes`);
  return read.bytes;
}

function failure(reason: Reason, file: string, phrase: string): SecretctlError {
  return new SecretctlError(reason, `the file ${quoted(file)} ${phrase}`);
}
