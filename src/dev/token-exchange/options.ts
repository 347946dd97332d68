import { oneOf, wholeNumber } from '../../lib/parsers.ts';
import { anyText, type OptionTable, readServerOptions } from '../frame/server-options.ts';

/** The variants of this server. */
export interface TokenExchangeOptions {
  /** The one grant it knows. */
  readonly grant: 'token-exchange' | 'jwt-bearer' | 'client-credentials';
  /** Name of the only client; empty: it wants none. */
  readonly client: string;
  /** The client's secret; empty: it is a public one. */
  readonly 'client-secret': string;
  /** Whom tokens are given for; empty: for whomever. */
  readonly audience: string;
  /** The scopes that are granted, separated by spaces; empty: all. */
  readonly scopes: string;
  /** Seconds; 0: the answer does not say. */
  readonly 'token-lifetime': number;
}

const MOST = 99_999_999;

/** The options with their defaults. */
export const tokenExchangeOptions: OptionTable<TokenExchangeOptions> = (option) => ({
  grant: option('grant', oneOf(['token-exchange', 'jwt-bearer', 'client-credentials']), 'token-exchange'),
  client: option('client', anyText, ''),
  'client-secret': option('client-secret', anyText, ''),
  audience: option('audience', anyText, ''),
  scopes: option('scopes', anyText, ''),
  'token-lifetime': option('token-lifetime', wholeNumber(0, MOST), 3600),
});

/** Those that were given. Throws USAGE for one that is not known or a value that it does not take. */
export function readOptions(given: ReadonlyMap<string, string>): TokenExchangeOptions {
  return readServerOptions('token-exchange', tokenExchangeOptions, given);
}
