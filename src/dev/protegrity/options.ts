import { oneOf, wholeNumber } from '../../lib/parsers.ts';
import { anyText, type OptionTable, readServerOptions } from '../frame/server-options.ts';

/** The variants of this server. */
export interface ProtegrityOptions {
  readonly edition: 'esa' | 'ppc';
  /** The only user, whose password is made up at the start. */
  readonly user: string;
  /** Whether the user may have a token at all. */
  readonly 'may-log-in': 'yes' | 'no';
  /** Seconds. */
  readonly 'token-lifetime': number;
}

/** The options with their defaults. */
export const protegrityOptions: OptionTable<ProtegrityOptions> = (option) => ({
  edition: option('edition', oneOf(['esa', 'ppc']), 'esa'),
  user: option('user', anyText, 'pipeline'),
  'may-log-in': option('may-log-in', oneOf(['yes', 'no']), 'yes'),
  'token-lifetime': option('token-lifetime', wholeNumber(1, 99_999_999), 900),
});

/** Those that were given. Throws USAGE for one that is not known or a value that it does not take. */
export function readOptions(given: ReadonlyMap<string, string>): ProtegrityOptions {
  return readServerOptions('Protegrity', protegrityOptions, given);
}
