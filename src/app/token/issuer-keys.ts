import { jsonAnswer, serverCode, unavailable, unexpected } from '../../lib/answer.ts';
import { isLoopback, readEndpoint } from '../../lib/endpoint.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer, HttpSettings } from '../../lib/http.ts';
import type { Invocation } from '../../lib/invocation.ts';
import { type Json, member, textMember } from '../../lib/json.ts';
import type { Jwk } from '../../lib/jwt.ts';
import { SettingFault } from '../../lib/settings.ts';
import { quoted, visible } from '../../lib/text.ts';

/** What an issuer publishes about its keys. */
export interface IssuerKeys {
  /** Public keys for signatures, as they stand in the set. */
  readonly keys: readonly Jwk[];
  /** Where the set is. */
  readonly url: URL;
  /** The issuer's clock minus this machine's, milliseconds, from `Date`; undefined without one. */
  readonly clockOffsetMs: number | undefined;
}

/** Where the keys are asked for, and whom the connection trusts. */
export interface KeysQuestion {
  /** `iss` of the token. */
  readonly issuer: string;
  /** Where the key set is, when the issuer is not to be asked. */
  readonly keysUrl: URL | undefined;
  readonly ca: HttpSettings['ca'];
}

const MOST_BYTES = 256 * 1024;
const MOST_KEYS = 100;
const DISCOVERY = '/.well-known/openid-configuration';

/** Issuers that publish their keys on another host, by that issuer. */
const KEYS_ELSEWHERE: Readonly<Record<string, string>> = { 'https://accounts.google.com': 'www.googleapis.com' };

/**
 * Asks an issuer for its keys: the discovery document (OpenID Connect Discovery 1.0, 4), then the key set it names (RFC
 * 7517), which must lie on the issuer's own host. Two GETs that carry nothing, over TLS, without redirects. Throws
 * TOKEN_ISSUER for an issuer that is no address, ENDPOINT_NOT_ALLOWED for keys elsewhere, UNEXPECTED_ANSWER and what a
 * request throws.
 */
export async function askForKeys(question: KeysQuestion, invocation: Invocation): Promise<IssuerKeys> {
  const keysUrl = question.keysUrl ?? (await discoverKeys(question, invocation));
  const answer = await get(keysUrl, question, invocation);
  return { keys: keysIn(jsonAnswer(answer), answer), url: keysUrl, clockOffsetMs: answer.clockOffsetMs };
}

/** The address that an issuer's name is. Throws TOKEN_ISSUER (79). */
export function issuerUrl(issuer: string | undefined): URL {
  const url = issuer === undefined ? undefined : addressIn(issuer);
  if (url !== undefined) return url;
  const found = issuer === undefined ? 'no issuer' : `the issuer ${quoted(issuer)}`;
  throw new SecretctlError('TOKEN_ISSUER', `the ID token names ${found}, which is no https: address to ask for keys`, {
    hint: 'name the address of its key set with --keys-url',
  });
}

async function discoverKeys(question: KeysQuestion, invocation: Invocation): Promise<URL> {
  const issuer = issuerUrl(question.issuer);
  const url = new URL(issuer.href.replace(/\/$/, '') + DISCOVERY);
  const answer = await get(url, question, invocation);
  const document = jsonAnswer(answer);
  const named = textMember(document, 'issuer');
  if (named !== question.issuer) {
    const said = named === undefined ? 'no issuer' : `the issuer ${quoted(named)}`;
    throw unexpected(answer, `names ${said}, and the ID token ${quoted(question.issuer)}`, SAME_ISSUER);
  }
  const address = textMember(document, 'jwks_uri');
  const keysUrl = address === undefined ? undefined : addressIn(address);
  if (keysUrl === undefined) throw unexpected(answer, 'names no https: address of a key set ("jwks_uri")');
  refuseElsewhere(issuer, keysUrl);
  return keysUrl;
}

const SAME_ISSUER = 'issuers are compared to the letter: a slash at the end or another port makes another one';

/** A document on one host that sends us to any other could be anybody's, so only known issuers may. */
function refuseElsewhere(issuer: URL, keys: URL): void {
  const isSameMachine = isLoopback(issuer.hostname) && isLoopback(keys.hostname);
  if (keys.host === issuer.host || isSameMachine) return;
  if (keys.host === KEYS_ELSEWHERE[issuer.origin]) return;
  throw new SecretctlError(
    'ENDPOINT_NOT_ALLOWED',
    `the issuer ${visible(issuer.origin)} says that its keys are at ${visible(keys.origin)}, another host`,
    { hint: 'if that is right, name the address of the key set with --keys-url' },
  );
}

/** `https:`, or `http:` to this machine, and nothing that is read in two ways. */
function addressIn(text: string): URL | undefined {
  try {
    return readEndpoint(text);
  } catch (error) {
    if (error instanceof SettingFault) return undefined;
    throw error;
  }
}

async function get(url: URL, { ca }: KeysQuestion, invocation: Invocation): Promise<HttpAnswer> {
  const { openHttp } = await import('../../lib/http.ts');
  const http = openHttp({ endpoints: [new URL(url.origin)], ...(ca && { ca }) }, invocation);
  try {
    const { pathname: path } = url;
    const answer = await http.send({ method: 'GET', path, label: path, maxAnswerBytes: MOST_BYTES, retry: 'all' });
    if (answer.status === 200) return answer;
    const code = serverCode(answer);
    const said = `status ${answer.status}${code === undefined ? '' : ` (${code})`}, not with the issuer's keys`;
    if (answer.status >= 500 || answer.status === 429) {
      throw unavailable(answer, `${answer.request} was answered with ${said}`);
    }
    throw new SecretctlError('UNEXPECTED_ANSWER', `${answer.request} was answered with ${said}`, {
      hint: 'is this the address of the issuer, reachable from here? --keys-url names the key set itself',
    });
  } finally {
    await http.close();
  }
}

function keysIn(document: Json, answer: HttpAnswer): readonly Jwk[] {
  const list = member(document, 'keys');
  if (list?.kind !== 'array') throw unexpected(answer, 'is no key set: it has no list "keys"');
  if (list.items.length > MOST_KEYS) throw unexpected(answer, `holds more than ${MOST_KEYS} keys`);
  return list.items.flatMap((item) => publicKey(item) ?? []);
}

const KEY_KINDS: ReadonlySet<string> = new Set(['RSA', 'EC', 'OKP']);
const PUBLIC_MEMBERS: readonly string[] = ['kty', 'kid', 'alg', 'n', 'e', 'crv', 'x', 'y'];

/** The public members of a key that signs; undefined for any other. */
function publicKey(item: Json): Jwk | undefined {
  const kty = textMember(item, 'kty');
  if (item.kind !== 'object' || kty === undefined || !KEY_KINDS.has(kty)) return undefined;
  if ((textMember(item, 'use') ?? 'sig') !== 'sig') return undefined;
  const members = PUBLIC_MEMBERS.flatMap((name) => {
    const value = textMember(item, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { kty, ...Object.fromEntries(members) };
}
