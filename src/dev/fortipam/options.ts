import { oneOf, wholeNumber } from '../../lib/parsers.ts';
import { anyText, type OptionTable, readServerOptions } from '../frame/server-options.ts';

/** The variants of this server. The login's are guesses as much as the client's defaults are (pam-cloud.md 1.2). */
export interface FortipamOptions {
  readonly 'login-path': string;
  readonly 'login-field': string;
  readonly 'login-format': 'json' | 'form';
  /** Name of the api-user that the login must give; empty: none. */
  readonly user: string;
  /** Dotted path of the access token in the login's answer. */
  readonly 'answer-field': string;
  /** How the login's answer tells the end of the token: not at all, in seconds, as a NumericDate. */
  readonly expiry: 'none' | 'seconds' | 'date';
  /** Lease duration, seconds. */
  readonly 'token-lifetime': number;
  /** What an expired or revoked token gets. */
  readonly stale: '401' | 'page';
  /** `named`: `fieldname` narrows the record; `field-list`: it is overlooked, as version 1.3 did. */
  readonly shape: 'named' | 'field-list';
  /** Whether `fieldname` overlooks letter case. */
  readonly fieldname: 'any-case' | 'exact';
  /** `required`: no read without a check-out; `held`: somebody else has every secret checked out. */
  readonly checkout: 'free' | 'required' | 'held';
  /** Failed logins from one address until it is locked out. */
  readonly lockout: number;
  /** Addresses the api-user may come from, separated by spaces; empty: any. */
  readonly 'trusted-hosts': string;
}

const MOST = 999_999;

/** The options with their defaults. */
export const fortipamOptions: OptionTable<FortipamOptions> = (option) => ({
  'login-path': option('login-path', anyText, '/auth/jwt/login'),
  'login-field': option('login-field', anyText, 'jwt'),
  'login-format': option('login-format', oneOf(['json', 'form']), 'json'),
  user: option('user', anyText, ''),
  'answer-field': option('answer-field', anyText, 'access_token'),
  expiry: option('expiry', oneOf(['none', 'seconds', 'date']), 'none'),
  'token-lifetime': option('token-lifetime', wholeNumber(1, MOST), 600),
  stale: option('stale', oneOf(['401', 'page']), '401'),
  shape: option('shape', oneOf(['named', 'field-list']), 'named'),
  fieldname: option('fieldname', oneOf(['any-case', 'exact']), 'any-case'),
  checkout: option('checkout', oneOf(['free', 'required', 'held']), 'free'),
  lockout: option('lockout', wholeNumber(1, MOST), 5),
  'trusted-hosts': option('trusted-hosts', anyText, ''),
});

/** Those that were given. Throws USAGE for one that is not known or a value that it does not take. */
export function readOptions(given: ReadonlyMap<string, string>): FortipamOptions {
  return readServerOptions('FortiPAM', fortipamOptions, given);
}
