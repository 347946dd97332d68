import { durationMs, listOf, oneOf, text } from '../../lib/parsers.ts';
import { type Parser, SettingFault, settingRows, type SettingValues } from '../../lib/settings.ts';

/** Longest life that is assumed of an access token whose answer does not say: the lease of the vendor's examples. */
const LONGEST_LEASE_MS = 600_000;

const requestPath: Parser<string> = {
  takes: 'a path that begins with "/", without "." or ".." segments, query or fragment',
  schema: { type: 'string', pattern: '^(/[A-Za-z0-9._~-]+)+$' },
  parse(input) {
    const isPlain = /^(?:\/[A-Za-z0-9._~-]+)+$/.test(input) && !/\/\.{1,2}(?:\/|$)/.test(input);
    if (!isPlain) throw new SettingFault(requestPath.takes);
    return input;
  },
};

const dottedPath: Parser<string> = {
  takes: 'member names separated by dots, such as results.access_token',
  schema: { type: 'string', pattern: '^[^.\\s]+([.][^.\\s]+)*$' },
  parse(input) {
    if (!/^[^.\s]+(?:\.[^.\s]+)*$/.test(input)) throw new SettingFault(dottedPath.takes);
    return input;
  },
};

const lease: Parser<number> = {
  takes: 'a duration of at most 10m, such as 90s or 5m',
  schema: durationMs.schema,
  parse(input) {
    const milliseconds = durationMs.parse(input);
    if (milliseconds > LONGEST_LEASE_MS) throw new SettingFault(lease.takes);
    return milliseconds;
  },
  show: (milliseconds) => durationMs.show?.(milliseconds) ?? `${milliseconds}ms`,
};

const vdomName: Parser<string> = {
  takes: 'the name of a virtual domain (letters, digits, "_", "-" and ".")',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,31}$' },
  parse(input) {
    if (!/^[A-Za-z0-9_.-]{1,31}$/.test(input)) throw new SettingFault(vdomName.takes);
    return input;
  },
};

/**
 * FortiPAM's own settings. Path, request fields and answer fields of the JWT login stand in no public document: the
 * defaults are the likeliest guess, and each help line says so (pam-cloud.md 1.2).
 */
export const settings = settingRows({
  'login-path': {
    parser: requestPath,
    default: '/auth/jwt/login',
    help: 'where the ID token is exchanged (not verified; the other candidate is /api/v2/auth/jwt/login)',
  },
  'login-format': {
    parser: oneOf(['json', 'form']),
    default: 'json',
    help: 'form of the login request: json or form (not verified)',
  },
  'login-token-field': {
    parser: text,
    default: 'jwt',
    help: 'name of the login field that carries the ID token (not verified)',
  },
  user: { parser: text, help: 'name of the api-user, where the login needs it (not verified; not sent when unset)' },
  'login-user-field': {
    parser: text,
    default: 'username',
    help: 'name of the login field that carries the api-user (not verified)',
  },
  'answer-token-fields': {
    parser: listOf(dottedPath),
    default: ['access_token', 'token', 'results.access_token'],
    help: 'where the login answer may hold the access token, tried in order (not verified)',
  },
  'answer-expiry-fields': {
    parser: listOf(dottedPath),
    default: ['expires_in', 'results.expires_in'],
    help: "where it may hold the token's life, seconds or a NumericDate, tried in order (not verified)",
  },
  'token-lifetime': {
    parser: lease,
    default: LONGEST_LEASE_MS,
    help: 'life of an access token whose answer does not say, at most 10m: the lease duration of the api-user',
  },
  'api-path': { parser: requestPath, default: '/api/v2', help: 'where the REST API begins' },
  vdom: { parser: vdomName, help: 'virtual domain to read secrets from (default: the management one)' },
  field: { parser: text, default: 'password', help: 'field that a reference without #field means, in any letter case' },
  'check-out': {
    parser: oneOf(['never', 'when-required', 'always']),
    default: 'when-required',
    help: 'when a secret is checked out to be read: never, when-required (after a refused read) or always',
  },
  'secret-encoding': {
    parser: oneOf(['plain', 'base64']),
    default: 'plain',
    help: 'how values are asked for: plain, or base64 where the server knows secret_encoding',
  },
});

/** What the rows say, parsed. */
export type FortipamValues = SettingValues<typeof settings>;
