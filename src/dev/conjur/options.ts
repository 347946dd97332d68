import { isIP } from 'node:net';

import { onOff, oneOf, wholeNumber } from '../../lib/parsers.ts';
import { type Parser, SettingFault } from '../../lib/settings.ts';
import { type OptionTable, readServerOptions } from '../frame/server-options.ts';

/** Variants and oddities of the server, each with its default. */
export interface ConjurOptions {
  readonly edition: 'oss' | 'self-hosted' | 'saas' | 'edge';
  /** Where the login of the host comes from: a claim of the token, or the URL. */
  readonly identity: 'claim' | 'url';
  /** Life of an access token, seconds. */
  readonly tokenLifetime: number;
  /** Access tokens without `exp`, as very old servers made them. */
  readonly noExp: boolean;
  /** A gateway asks for base64 at the login on its own and drops the header that says so. */
  readonly loginBase64: boolean;
  /** A proxy drops `Content-Encoding`. */
  readonly rewritingProxy: boolean;
  readonly replica: boolean;
  /** Longest request line that nginx takes, bytes. */
  readonly requestLineLimit: number;
  /** Whether the authenticator is enabled, the host exists, is in the apps group, has annotations. */
  readonly enabled: boolean;
  readonly host: boolean;
  readonly member: boolean;
  readonly annotations: boolean;
  /** Whether the host may read the authenticator's status. */
  readonly operator: boolean;
  /** Whether the variable with the key set's URL has a value. */
  readonly signingKey: boolean;
  /** Whether the variable `audience` exists. */
  readonly audience: boolean;
  /** Forbidden variables are not even visible. */
  readonly hidden: boolean;
  /** Whether this SaaS has the second batch read. */
  readonly v2: boolean;
  /** So many logins are first answered 503: the key set is being fetched. */
  readonly congested: number;
  /** Networks the host may come from, separated by blanks; empty for any. */
  readonly restrictedTo: string;
}

const networks: Parser<string> = {
  takes: 'addresses or networks such as 10.0.0.0/8, separated by blanks',
  schema: { type: 'string' },
  parse(input) {
    if (!input.split(' ').every((one) => one === '' || isNetwork(one))) throw new SettingFault(networks.takes);
    return input;
  },
};

function isNetwork(text: string): boolean {
  return /^[^/]+(?:\/[0-9]{1,2})?$/.test(text) && isIP(text.split('/', 1).join('')) !== 0;
}

/** The options with their defaults. */
export const conjurOptions: OptionTable<ConjurOptions> = (option) => ({
  edition: option('edition', oneOf(['oss', 'self-hosted', 'saas', 'edge']), 'oss'),
  identity: option('identity', oneOf(['claim', 'url']), 'claim'),
  // The server clamps its own setting to five hours.
  tokenLifetime: option('token-lifetime', wholeNumber(0, 18_000), 480),
  noExp: option('no-exp', onOff, false),
  loginBase64: option('login-base64', onOff, false),
  rewritingProxy: option('rewriting-proxy', onOff, false),
  replica: option('replica', onOff, false),
  requestLineLimit: option('request-line-limit', wholeNumber(0, 12_288), 8192),
  enabled: option('enabled', onOff, true),
  host: option('host', onOff, true),
  member: option('member', onOff, true),
  annotations: option('annotations', onOff, true),
  operator: option('operator', onOff, false),
  signingKey: option('signing-key', onOff, true),
  audience: option('audience', onOff, true),
  hidden: option('hidden', onOff, false),
  v2: option('v2', onOff, true),
  congested: option('congested', wholeNumber(0, 1000), 0),
  restrictedTo: option('restricted-to', networks, ''),
});

/** Those that were given. Throws USAGE for one that is not known or a value that it does not take. */
export function readOptions(given: ReadonlyMap<string, string>): ConjurOptions {
  return readServerOptions('Conjur', conjurOptions, given);
}
