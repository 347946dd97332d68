import { isIP } from 'node:net';

import { SecretctlError } from '../../lib/errors.ts';
import { nearest, quoted } from '../../lib/text.ts';

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

const yesOrNo = (word: string): boolean | undefined => (word === 'true' ? true : word === 'false' ? false : undefined);

const oneOf =
  <const Word extends string>(...words: readonly Word[]) =>
  (word: string): Word | undefined =>
    words.find((known) => known === word);

const numberUpTo =
  (most: number) =>
  (word: string): number | undefined =>
    /^[0-9]{1,6}$/.test(word) && Number(word) <= most ? Number(word) : undefined;

const networks = (word: string): string | undefined =>
  word
    .split(' ')
    .every((one) => one === '' || (/^[^/]+(?:\/[0-9]{1,2})?$/.test(one) && isIP(one.split('/', 1).join('')) !== 0))
    ? word
    : undefined;

/** One row per option: its word on the command line, how it is read, and its default. */
const ROWS = {
  edition: ['edition', oneOf('oss', 'self-hosted', 'saas', 'edge'), 'oss'],
  identity: ['identity', oneOf('claim', 'url'), 'claim'],
  // The server clamps its own setting to five hours.
  tokenLifetime: ['token-lifetime', numberUpTo(18_000), 480],
  noExp: ['no-exp', yesOrNo, false],
  loginBase64: ['login-base64', yesOrNo, false],
  rewritingProxy: ['rewriting-proxy', yesOrNo, false],
  replica: ['replica', yesOrNo, false],
  requestLineLimit: ['request-line-limit', numberUpTo(12_288), 8192],
  enabled: ['enabled', yesOrNo, true],
  host: ['host', yesOrNo, true],
  member: ['member', yesOrNo, true],
  annotations: ['annotations', yesOrNo, true],
  operator: ['operator', yesOrNo, false],
  signingKey: ['signing-key', yesOrNo, true],
  audience: ['audience', yesOrNo, true],
  hidden: ['hidden', yesOrNo, false],
  v2: ['v2', yesOrNo, true],
  congested: ['congested', numberUpTo(1000), 0],
  restrictedTo: ['restricted-to', networks, ''],
} as const satisfies {
  readonly [Key in keyof ConjurOptions]: readonly [
    word: string,
    read: (word: string) => ConjurOptions[Key] | undefined,
    otherwise: ConjurOptions[Key],
  ];
};

/** Reads them. Throws USAGE for an unknown option or a value that it does not take. */
export function readOptions(given: ReadonlyMap<string, string>): ConjurOptions {
  const words: string[] = Object.values(ROWS).map(([word]) => word);
  for (const word of given.keys()) if (!words.includes(word)) throw unknownOption(word, words);
  const read = <Value>([word, parse, otherwise]: readonly [
    string,
    (word: string) => Value | undefined,
    Value,
  ]): Value => {
    const value = given.get(word);
    if (value === undefined) return otherwise;
    const parsed = parse(value);
    if (parsed === undefined)
      throw new SecretctlError('USAGE', `--option ${word}: ${quoted(value)} is not what it takes`);
    return parsed;
  };
  return {
    edition: read<ConjurOptions['edition']>(ROWS.edition),
    identity: read<ConjurOptions['identity']>(ROWS.identity),
    tokenLifetime: read<number>(ROWS.tokenLifetime),
    noExp: read<boolean>(ROWS.noExp),
    loginBase64: read<boolean>(ROWS.loginBase64),
    rewritingProxy: read<boolean>(ROWS.rewritingProxy),
    replica: read<boolean>(ROWS.replica),
    requestLineLimit: read<number>(ROWS.requestLineLimit),
    enabled: read<boolean>(ROWS.enabled),
    host: read<boolean>(ROWS.host),
    member: read<boolean>(ROWS.member),
    annotations: read<boolean>(ROWS.annotations),
    operator: read<boolean>(ROWS.operator),
    signingKey: read<boolean>(ROWS.signingKey),
    audience: read<boolean>(ROWS.audience),
    hidden: read<boolean>(ROWS.hidden),
    v2: read<boolean>(ROWS.v2),
    congested: read<number>(ROWS.congested),
    restrictedTo: read<string>(ROWS.restrictedTo),
  };
}

function unknownOption(word: string, words: readonly string[]): SecretctlError {
  const near = nearest(word, words);
  return new SecretctlError('USAGE', `the Conjur server has no option ${quoted(word)}`, {
    hint: near === undefined ? `there are ${words.join(', ')}` : `did you mean ${near}?`,
  });
}
