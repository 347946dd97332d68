import type { Secret } from '../lib/secrets.ts';
import { singleQuoted } from './quote.ts';
import { notRepresentable, type Obstacle, refuseAsVariable } from './refuse.ts';
import type { Renderer } from './types.ts';

const CONSUMER = 'a shell';

/** Holds the shell's option letters while a guarded file is read. */
const FLAGS = 'SECRETCTL_SHELL_FLAGS';

// The braces' redirection hides the trace of the very commands that switch it off (security.md 4.2).
const OFF = `{ ${FLAGS}=$-; set +xv; } 2>/dev/null\n`;
// Without one: in mksh, what `set -x` finds redirected stays redirected. Nothing is traced until `set -x`, the last.
const ON =
  `case $${FLAGS} in *v*) set -v;; esac; ` +
  `case $${FLAGS} in *x*) unset ${FLAGS}; set -x;; *) unset ${FLAGS};; esac\n`;

/**
 * `export NAME='…'` lines that any POSIX shell sources. A file switches tracing (`-x`, `-v`) off in its first line
 * and restores it in its last: sourced under `sh -x` it shows nothing.
 */
export const sh: Renderer = {
  render(secrets, { destination }) {
    const lines = secrets.flatMap((secret) => [
      Buffer.from(`export ${checked(secret)}=`),
      singleQuoted(secret.value.reveal()),
      Buffer.from('\n'),
    ]);
    if (destination !== 'file') return Buffer.concat(lines);
    return Buffer.concat([Buffer.from(OFF), ...lines, Buffer.from(ON)]);
  },
  spelled: ({ value }) => singleQuoted(value.reveal()).subarray(1, -1),
};

/** Names that some shell keeps for itself: it refuses to set them, or gives back something else. */
const OWNED = new Set(
  (
    '_ UID EUID PPID GROUPS RANDOM SRANDOM SECONDS EPOCHREALTIME EPOCHSECONDS LINENO HISTCMD DIRSTACK FUNCNAME OPTIND ' +
    'PIPESTATUS SHLVL SHELLOPTS BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_CMDS BASH_COMMAND BASH_LINENO ' +
    'BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO aliases argv cdpath commands fpath functions options path pipestatus ' +
    `psvar signals status ${FLAGS}`
  ).split(' '),
);

const OWNED_NAME: Obstacle = {
  what: 'has a name that shells keep for themselves',
  instead: ['write OTHER_NAME=REFERENCE'],
};

function checked(secret: Secret): string {
  refuseAsVariable(secret, CONSUMER);
  if (OWNED.has(secret.name)) throw notRepresentable(secret, CONSUMER, OWNED_NAME);
  return secret.name;
}
