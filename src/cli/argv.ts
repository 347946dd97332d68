import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { looksSecret } from '../lib/secret-shapes.ts';

/** Commands that hand what stands after `--` to another program. */
const RUN_ANOTHER: ReadonlySet<string> = new Set(['dev', 'run']);

/**
 * Throws SECRET_IN_ARGV (64) when an argument looks like a token, without repeating it: every user of the machine sees
 * the arguments of a process. What stands after `--` belongs to another command where one is run.
 */
export function refuseSecrets(argv: readonly string[]): void {
  const mine = RUN_ANOTHER.has(argv[0] ?? '') ? ours(argv) : argv;
  const position = mine.findIndex(looksSecret);
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
