import { SecretctlError } from '../../lib/errors.ts';
import { nearest, quoted } from '../../lib/text.ts';

/** The variants of this server. The login's are guesses as much as the client's defaults are (pam-cloud.md 1.2). */
export interface FortipamOptions {
  readonly 'login-path': string;
  readonly 'login-field': string;
  readonly 'login-format': string;
  /** Name of the api-user that the login must give; empty: none. */
  readonly user: string;
  /** Dotted path of the access token in the login's answer. */
  readonly 'answer-field': string;
  /** How the login's answer tells the end of the token: not at all, in seconds, as a NumericDate. */
  readonly expiry: string;
  /** Lease duration, seconds. */
  readonly 'token-lifetime': string;
  /** What an expired or revoked token gets. */
  readonly stale: string;
  /** `named`: `fieldname` narrows the record; `field-list`: it is overlooked, as version 1.3 did. */
  readonly shape: string;
  /** Whether `fieldname` overlooks letter case. */
  readonly fieldname: string;
  /** `required`: no read without a check-out; `held`: somebody else has every secret checked out. */
  readonly checkout: string;
  /** Failed logins from one address until it is locked out. */
  readonly lockout: string;
  /** Addresses the api-user may come from, separated by spaces; empty: any. */
  readonly 'trusted-hosts': string;
}

const DEFAULTS: FortipamOptions = {
  'login-path': '/auth/jwt/login',
  'login-field': 'jwt',
  'login-format': 'json',
  user: '',
  'answer-field': 'access_token',
  expiry: 'none',
  'token-lifetime': '600',
  stale: '401',
  shape: 'named',
  fieldname: 'any-case',
  checkout: 'free',
  lockout: '5',
  'trusted-hosts': '',
};

const CHOICES: Partial<Record<keyof FortipamOptions, readonly string[]>> = {
  'login-format': ['json', 'form'],
  expiry: ['none', 'seconds', 'date'],
  stale: ['401', 'page'],
  shape: ['named', 'field-list'],
  fieldname: ['any-case', 'exact'],
  checkout: ['free', 'required', 'held'],
};

const NUMBERS: ReadonlySet<string> = new Set(['token-lifetime', 'lockout']);

/** The options with their defaults. Throws USAGE for one that is not known. */
export function readOptions(given: ReadonlyMap<string, string>): FortipamOptions {
  for (const [name, value] of given) checkOption(name, value);
  return { ...DEFAULTS, ...Object.fromEntries(given) };
}

function checkOption(name: string, value: string): void {
  const names = Object.keys(DEFAULTS);
  if (!names.includes(name)) {
    const meant = nearest(name, names);
    throw new SecretctlError('USAGE', `the FortiPAM rehearsal has no option ${quoted(name)}`, {
      hint: meant === undefined ? `it has ${names.join(', ')}` : `did you mean ${meant}?`,
    });
  }
  const choices = Object.entries(CHOICES).find(([one]) => one === name)?.[1];
  if (choices !== undefined && !choices.includes(value)) {
    throw new SecretctlError('USAGE', `${name} must be one of ${choices.join(', ')}`);
  }
  if (NUMBERS.has(name) && !/^[1-9][0-9]{0,5}$/.test(value)) {
    throw new SecretctlError('USAGE', `${name} must be a whole number above 0`);
  }
}
