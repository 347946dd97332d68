import { oneOf, wholeNumber } from '../../lib/parsers.ts';
import { anyText, type OptionTable, readServerOptions } from '../frame/server-options.ts';

/** The variants of this server. */
export interface VenafiOptions {
  /** What the API's paths begin with: `/ngts` where it is Strata's. */
  readonly base: string;
  /** How clients are told the token endpoint: its URL, or the tenant in it. */
  readonly token: 'tenant' | 'url';
  /** Seconds. */
  readonly 'token-lifetime': number;
  /** How often a certificate is said to be still in the making, before it is there. */
  readonly issuing: number;
  /** `fails`: certificate requests end with FAILED. */
  readonly issuance: 'ends' | 'fails';
  /** Certificates on one page of a search, whatever was asked for. */
  readonly 'page-size': number;
  /** `elsewhere`: keys are not kept by the product. */
  readonly keys: 'kept' | 'elsewhere';
  /** What is wrong with the archive of a key and its certificates. */
  readonly archive: 'right' | 'other-key' | 'other-certificate' | 'other-passphrase' | 'no-key' | 'bomb';
}

const MOST = 999_999;

/** The options with their defaults. */
export const venafiOptions: OptionTable<VenafiOptions> = (option) => ({
  base: option('base', anyText, ''),
  token: option('token', oneOf(['tenant', 'url']), 'tenant'),
  'token-lifetime': option('token-lifetime', wholeNumber(1, MOST), 900),
  issuing: option('issuing', wholeNumber(0, MOST), 0),
  issuance: option('issuance', oneOf(['ends', 'fails']), 'ends'),
  'page-size': option('page-size', wholeNumber(1, MOST), MOST),
  keys: option('keys', oneOf(['kept', 'elsewhere']), 'kept'),
  archive: option(
    'archive',
    oneOf(['right', 'other-key', 'other-certificate', 'other-passphrase', 'no-key', 'bomb']),
    'right',
  ),
});

/** Those that were given. Throws USAGE for one that is not known or a value that it does not take. */
export function readOptions(given: ReadonlyMap<string, string>): VenafiOptions {
  return readServerOptions('Next-Gen Trust Security', venafiOptions, given);
}
