import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';

/**
 * What a token or key looks like, wherever it stands in an argument: a JWT, the prefixes that vendors give to theirs so
 * that they are recognised, a private key.
 */
const SECRET_SHAPES: readonly RegExp[] = [
  /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}/,
  /(?<![A-Za-z0-9])(?:glpat|glptt|gldt|glrt|glcbt|glsoat|glft|glimt|glagent)-[A-Za-z0-9_-]{16,}/,
  /(?<![A-Za-z0-9])(?:gh[oprsu]_|github_pat_|npm_|pypi-|dop_v1_|dckr_pat_)[A-Za-z0-9_-]{16,}/,
  /(?<![A-Za-z0-9])(?:hv[bsr]\.|dp\.(?:st|pt|ct)\.|sk_live_|rk_live_|xox[abeoprs]-|ya29\.|ops_|AIza)[A-Za-z0-9_.-]{16,}/,
  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
];

/** Commands that hand what stands after `--` to another program. */
const RUN_ANOTHER: ReadonlySet<string> = new Set(['dev', 'run']);

/**
 * Throws SECRET_IN_ARGV (64) when an argument looks like a token, without repeating it: every user of the machine sees
 * the arguments of a process. What stands after `--` belongs to another command where one is run.
 */
export function refuseSecrets(argv: readonly string[]): void {
  const mine = RUN_ANOTHER.has(argv[0] ?? '') ? ours(argv) : argv;
  const position = mine.findIndex((argument) => SECRET_SHAPES.some((shape) => shape.test(argument)));
  if (position < 0) return;
  throw new SecretctlError(
    'SECRET_IN_ARGV',
    `argument ${position + 1} looks like a token or a key; the command line is visible to others`,
    {
      hint: 'name the variable or the file that holds it (--token-env, --token-file), or pipe it in (--token-stdin)',
    },
  );
}

/** Whether nothing but the version is asked for. */
export function asksForVersion([first]: readonly string[]): boolean {
  return first === '--version' || first === '-V';
}

/**
 * The form of error messages as the command line or the variable says it, found without parsing either: a fault of the
 * command line itself is reported in this form too.
 */
export function errorFormatOf({ argv, env }: Pick<Runtime, 'argv' | 'env'>): 'text' | 'json' {
  const words = ours(argv);
  const last = words.findLastIndex((word) => /^--error-format(?:=|$)/.test(word));
  const said = last < 0 ? env['SECRETCTL_ERROR_FORMAT'] : (words[last]?.split('=', 2)[1] ?? words[last + 1]);
  return said === 'json' ? 'json' : 'text';
}

function ours(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
}
