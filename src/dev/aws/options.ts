import { oneOf, wholeNumber } from '../../lib/parsers.ts';
import { anyText, type OptionTable, readServerOptions } from '../frame/server-options.ts';

/** The variants of this server. */
export interface AwsOptions {
  readonly region: string;
  /** ARN of the one role whose trust policy names this job. */
  readonly role: string;
  /** The role's longest session, seconds. */
  readonly 'longest-session': number;
  /** Whether the role may read secrets in batches. */
  readonly batch: 'granted' | 'denied';
  /** Which of the two rights to read parameters the role has. */
  readonly parameters: 'both' | 'one-by-one' | 'together' | 'none';
  /** Entries in one page of a batch and of the parameters below a path. */
  readonly page: number;
  /** `on`: there are empty pages between the others. */
  readonly 'empty-pages': 'off' | 'on';
  /** `on`: Secrets Manager puts the code of a failure behind a namespace, in front of a URL. */
  readonly 'long-codes': 'off' | 'on';
  /** Paths of secrets that are going to be deleted; separated by spaces. */
  readonly deleted: string;
}

/** The options with their defaults. */
export const awsOptions: OptionTable<AwsOptions> = (option) => ({
  region: option('region', anyText, 'eu-central-1'),
  role: option('role', anyText, 'arn:aws:iam::123456789012:role/ci'),
  'longest-session': option('longest-session', wholeNumber(900, 43_200), 3600),
  batch: option('batch', oneOf(['granted', 'denied']), 'granted'),
  parameters: option('parameters', oneOf(['both', 'one-by-one', 'together', 'none']), 'both'),
  page: option('page', wholeNumber(1, 20), 20),
  'empty-pages': option('empty-pages', oneOf(['off', 'on']), 'off'),
  'long-codes': option('long-codes', oneOf(['off', 'on']), 'off'),
  deleted: option('deleted', anyText, ''),
});

/** Those that were given. Throws USAGE for one that is not known or a value that it does not take. */
export function readOptions(given: ReadonlyMap<string, string>): AwsOptions {
  return readServerOptions('AWS', awsOptions, given);
}
