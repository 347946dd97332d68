import { SecretctlError } from '../lib/errors.ts';
import { findProgram } from '../lib/find-program.ts';
import { quoted } from '../lib/text.ts';
import { programToAsk } from './ask-program.ts';
import type { TokenSource } from './types.ts';

/** A program of the user's that prints the token. Its arguments are handed over as they are: no shell reads them. */
export const commandSource: TokenSource = {
  name: 'command',
  async find({ command }, seeking) {
    const [name, ...args] = command ?? [];
    if (name === undefined) return { here: false, reason: 'not asked for (--token-command)' };
    const program = /[/\\]/.test(name) ? name : findProgram(name, seeking.runtime);
    if (program === undefined) {
      throw new SecretctlError('SPAWN_FAILED', `there is no program ${quoted(name)} for the ID token`, {
        hint: 'it is looked for in the absolute entries of PATH; a path with a slash is taken as it is',
      });
    }
    return programToAsk(
      {
        argv: [program, ...args],
        shown: name,
        failed:
          'what it says is not shown, because it may hold a token: run it by hand; it must print the token and end with 0',
        mayBeQuoted: false,
      },
      seeking,
    );
  },
};
