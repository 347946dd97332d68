import { isUtf8 } from 'node:buffer';
import path from 'node:path';
import { SecretctlError, unlessSystem } from '../../lib/errors.ts';
import type { Runtime } from '../../lib/runtime.ts';
import { quotedWord } from '../../lib/secret-shapes.ts';

/** A command that can be started. */
export interface Command {
  /** The program, found: an absolute path, or a relative one as it was written. */
  readonly file: string;
  /** Its name as it was written, then its arguments. */
  readonly argv: readonly string[];
}

/** Where the system looks when there is no PATH. */
const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * Finds the program as `execvp` would, before anything is asked of a server. Throws COMMAND_NOT_FOUND (127) and
 * COMMAND_NOT_EXECUTABLE (126), USAGE (64) on Windows, and NOT_REPRESENTABLE (65) for words that are not UTF-8.
 */
export function findCommand(argv: readonly string[], runtime: Runtime): Command {
  const { env, host } = runtime;
  if (host.platform === 'win32') {
    throw new SecretctlError('USAGE', 'secretctl run does not exist on Windows yet', {
      hint: 'fetch --format powershell and fetch -o FILE do',
    });
  }
  refuseDistorted(argv, runtime);
  const name = argv[0] ?? '';
  // An empty part of PATH is the working directory, and that is how it is written as a path, too.
  const places = name.includes('/')
    ? [name]
    : (env['PATH'] ?? USUAL_PATH).split(':').map((directory) => path.join(directory === '' ? '.' : directory, name));
  const found = places.map((place) => ({ place, state: stateOf(place, runtime) }));
  const file = name === '' ? undefined : found.find(({ state }) => state === 'fine')?.place;
  if (file !== undefined) return { file: file.includes('/') ? file : `./${file}`, argv };
  const refused = found.find(({ state }) => state !== 'absent');
  if (name !== '' && refused !== undefined) throw notExecutable(name, refused.state === 'directory');
  throw new SecretctlError('COMMAND_NOT_FOUND', `there is no program ${quotedWord(name)}`, {
    hint: name.includes('/') ? 'check its path' : 'it is not on PATH; name it with its path',
  });
}

/** Node reads every word as UTF-8: what is something else would arrive at the command as other bytes, without a word about it. */
function refuseDistorted(argv: readonly string[], { fs }: Runtime): void {
  if (!argv.some((word) => word.includes('\ufffd'))) return;
  const bytes = unlessSystem(() => fs.readFileSync('/proc/self/cmdline'));
  const words = bytes?.toString('latin1').split('\0').slice(0, -1).slice(-argv.length) ?? [];
  const place = words.findIndex((word) => !isUtf8(Buffer.from(word, 'latin1')));
  if (place === -1) return;
  throw new SecretctlError(
    'NOT_REPRESENTABLE',
    `word ${place + 1} of the command is not UTF-8, and Node cannot hand it on`,
    {
      hint: 'let the command read it from a file or from its standard input',
    },
  );
}

function stateOf(file: string, { fs }: Runtime): 'fine' | 'absent' | 'directory' | 'refused' {
  const stats = unlessSystem(() => fs.statSync(file));
  // A directory on the way that may not be searched hides whether there is one: the system calls that refused, too.
  if (stats === undefined) return 'absent';
  if (stats.isDirectory()) return 'directory';
  const isExecutable = unlessSystem(() => {
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  });
  return isExecutable === true ? 'fine' : 'refused';
}

function notExecutable(name: string, isDirectory: boolean): SecretctlError {
  return new SecretctlError(
    'COMMAND_NOT_EXECUTABLE',
    isDirectory ? `${quotedWord(name)} is a directory` : `${quotedWord(name)} may not be executed`,
    { hint: isDirectory ? 'name a program' : `make it executable (chmod +x), or name the program that reads it` },
  );
}
