import { oneOf, wholeNumber } from '../../lib/parsers.ts';
import { anyText, type OptionTable, readServerOptions } from '../frame/server-options.ts';

/** The variants of this server. */
export interface GcpOptions {
  /** Id of the project that the secrets and the pool are in, and its number. */
  readonly project: string;
  readonly 'project-number': string;
  readonly pool: string;
  readonly provider: string;
  /** Service account that has the access, where the pool itself has none; empty: the pool has it. */
  readonly 'service-account': string;
  /** Location of all secrets; empty: they are global. */
  readonly location: string;
  /** Seconds, of the token of the pool. */
  readonly 'token-lifetime': number;
  /** Whether the access is to the project, so that a missing secret is known to be, or secret by secret. */
  readonly access: 'project' | 'secret';
  /** Project that every read must be counted against; empty: none. */
  readonly 'quota-project': string;
  /** Ids, separated by spaces, of secrets whose newest version is disabled, or destroyed. */
  readonly disabled: string;
  readonly destroyed: string;
  /** An alias that each secret has for its first version; empty: none. */
  readonly alias: string;
  /** What is sent as a value's checksum. */
  readonly checksum: 'right' | 'wrong' | 'none';
  /** Whether the API is switched on. */
  readonly api: 'on' | 'off';
}

/** The options with their defaults. */
export const gcpOptions: OptionTable<GcpOptions> = (option) => ({
  project: option('project', anyText, 'rehearsal-project'),
  'project-number': option('project-number', anyText, '123456789012'),
  pool: option('pool', anyText, 'ci-pool'),
  provider: option('provider', anyText, 'ci-jobs'),
  'service-account': option('service-account', anyText, ''),
  location: option('location', anyText, ''),
  'token-lifetime': option('token-lifetime', wholeNumber(1, 99_999), 3600),
  access: option('access', oneOf(['project', 'secret']), 'project'),
  'quota-project': option('quota-project', anyText, ''),
  disabled: option('disabled', anyText, ''),
  destroyed: option('destroyed', anyText, ''),
  alias: option('alias', anyText, ''),
  checksum: option('checksum', oneOf(['right', 'wrong', 'none']), 'right'),
  api: option('api', oneOf(['on', 'off']), 'on'),
});

/** Those that were given. Throws USAGE for one that is not known or a value that it does not take. */
export function readOptions(given: ReadonlyMap<string, string>): GcpOptions {
  return readServerOptions('Google', gcpOptions, given);
}

/** Full name of the provider. */
export function providerName({ 'project-number': number, pool, provider }: GcpOptions): string {
  return `projects/${number}/locations/global/workloadIdentityPools/${pool}/providers/${provider}`;
}
