import { SecretctlError } from '../lib/errors.ts';
import type { Secret } from '../lib/secrets.ts';
import { singleQuoted } from './quote.ts';
import { type Consumer, refuseAsVariable } from './refuse.ts';
import type { Format } from './types.ts';

const CONSUMER: Consumer = { title: 'a shell', alternatives: ['--format json'] };

/** Holds the shell's option letters while a guarded file is read. */
const FLAGS = 'SECRETCTL_SHELL_FLAGS';

// The braces' redirection hides the trace of the very commands that switch it off (security.md 4.2).
const OFF = `{ ${FLAGS}=$-; set +xv; } 2>/dev/null\n`;
const ON = `{ case $${FLAGS} in *x*) set -x;; esac; case $${FLAGS} in *v*) set -v;; esac; unset ${FLAGS}; } 2>/dev/null\n`;

/**
 * `export NAME='…'` lines that any POSIX shell sources. A file switches tracing (`-x`, `-v`) off in its first line
 * and restores it in its last: sourced under `sh -x` it shows nothing.
 */
export const sh: Format = {
  name: 'sh',
  help: 'export lines for sh, dash, bash, zsh, ksh: source them with `. FILE`',
  single: false,
  isEnvironment: true,
  render(secrets, destination) {
    const lines = secrets.flatMap((secret) => [
      Buffer.from(`export ${checked(secret)}=`),
      singleQuoted(secret.value.reveal()),
      Buffer.from('\n'),
    ]);
    if (destination !== 'file') return Buffer.concat(lines);
    return Buffer.concat([Buffer.from(OFF), ...lines, Buffer.from(ON)]);
  },
};

function checked(secret: Secret): string {
  refuseAsVariable(secret, CONSUMER);
  if (secret.name !== FLAGS) return secret.name;
  throw new SecretctlError('NAME_FORBIDDEN', `${FLAGS} is the name that a guarded file uses itself`, {
    hint: `write OTHER_NAME=REFERENCE`,
  });
}
