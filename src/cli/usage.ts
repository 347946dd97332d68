import type { Command, CommanderError } from 'commander';
import { SecretctlError } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';

/**
 * Our own words for what commander says about a command line. Its messages repeat their input: of that only the name
 * of an option is shown, and only when it looks like a name (row 33). `command` is the one that was being read.
 */
export function usageError(error: CommanderError, command: Command): SecretctlError {
  const path = pathOf(command);
  const hint = `secretctl help${path === '' ? '' : ` ${path}`}`;
  const option = optionIn(error.message);
  if (error.code === 'commander.unknownOption') return unknownOption(option, command, hint);
  if (error.code === 'commander.unknownCommand') return unknownCommand(error.message, command);
  const where = path === '' ? 'secretctl' : `"${path}"`;
  const sentences: Readonly<Record<string, string>> = {
    'commander.optionMissingArgument': `${option ?? 'an option'} needs a value`,
    'commander.missingMandatoryOptionValue': `${option ?? 'a required option'} is missing`,
    'commander.missingArgument': `${where} needs a ${command.registeredArguments[0]?.name() ?? 'word'} behind it`,
    'commander.excessArguments': `${where} takes no such arguments`,
  };
  return new SecretctlError('USAGE', sentences[error.code] ?? 'the command line cannot be understood', { hint });
}

function unknownOption(option: string | undefined, command: Command, hint: string): SecretctlError {
  if (option === undefined)
    return new SecretctlError('USAGE', 'there is no such option; it is not repeated here, for it may hold a secret', {
      hint,
    });
  const known = command.options.flatMap((one) => [one.long ?? [], one.short ?? []].flat());
  if (known.includes(option)) return new SecretctlError('USAGE', `${option} takes no value`, { hint });
  const meant = nearestOption(option, known);
  if (command.parent !== null)
    return new SecretctlError('USAGE', `there is no option ${option}`, {
      hint: [
        meant === undefined ? hint : `did you mean ${meant}?`,
        ...(command.usage().includes(' -- ') ? ['an option of the command itself stands behind "--"'] : []),
      ],
    });
  return new SecretctlError('USAGE', `there is no option ${option} in front of a command`, {
    hint: meant === undefined ? 'options stand after the command' : `did you mean ${meant}?`,
  });
}

/** The version is asked for without a command. One letter is near to nothing but itself in the other case. */
function nearestOption(option: string, known: readonly string[]): string | undefined {
  if (option === '-V' || option === '-v') return 'secretctl --version';
  if (!option.startsWith('--'))
    return known.find((one) => one !== option && one.toLowerCase() === option.toLowerCase());
  const meant = nearest(option, [...known, '--help', '--version']);
  return meant === '--version' ? 'secretctl --version' : meant;
}

/** What other programs call it. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['get', 'fetch'],
  ['read', 'fetch'],
  ['export', 'fetch'],
  ['exec', 'run'],
  ['redact', 'mask'],
  ['whoami', 'token'],
  ['revoke', 'logout'],
  ['version', 'secretctl --version'],
]);

function unknownCommand(message: string, command: Command): SecretctlError {
  const word = /'(?<word>[a-z][a-z-]{0,30})'/.exec(message)?.groups?.['word'];
  const known = command.commands.map((one) => one.name());
  const elsewhere = command.parent === null ? ELSEWHERE.get(word ?? '') : undefined;
  const meant = (word === undefined ? undefined : nearest(word, known)) ?? elsewhere;
  return new SecretctlError('USAGE', `there is no such command${word === undefined ? '' : ` "${word}"`}`, {
    hint: meant === undefined ? `there are ${known.join(', ')}` : `did you mean "${meant}"?`,
  });
}

/**
 * The name in `'--name=value'` or `'-o, --output <FILE>'`, and of `-xvalue` the letter; undefined when it might be more
 * than a name.
 */
function optionIn(message: string): string | undefined {
  const found = /'(?:(?:-[A-Za-z], )?(?<long>--[A-Za-z][a-z-]{0,40})(?=[='\s])|(?<short>-[A-Za-z]))/.exec(
    message,
  )?.groups;
  return found?.['long'] ?? found?.['short'];
}

/** `dev exec`; empty for the root. */
function pathOf(command: Command): string {
  return command.parent === null ? '' : [pathOf(command.parent), command.name()].filter((one) => one !== '').join(' ');
}
