import { join } from 'node:path';

import type { Runtime } from '../../lib/runtime.ts';

/**
 * Puts this very program, however it was started, into a new directory as `secretctl`. Returns the directory, for
 * the front of a PATH.
 */
export function placeLauncher(parent: string, runtime: Runtime): string {
  const { execPath, execArgv, script } = runtime.host;
  const directory = join(parent, 'bin');
  const words = script === undefined ? [execPath] : [execPath, ...execArgv, script];
  runtime.fs.mkdirSync(directory, { mode: 0o700 });
  const text = `#!/bin/sh\nexec ${words.map(shellQuoted).join(' ')} "$@"\n`;
  runtime.fs.writeFileSync(join(directory, 'secretctl'), text, { mode: 0o700, flag: 'wx' });
  return directory;
}

/** One word of a POSIX shell (2.2.2). */
export function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
