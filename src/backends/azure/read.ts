import { refuseHtml, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import type { Journal } from '../../lib/journal.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { quoted, visible } from '../../lib/text.ts';
import type { Outcome, Refused } from '../types.ts';
import { factsOf, objectOf, refuseFinal, type VaultFault, vaultFault } from './answers.ts';
import { refuseToken } from './challenge.ts';
import type { Wanted } from './references.ts';
import type { Identity, Target } from './requests.ts';
import type { AzureValues } from './settings.ts';

/** One request, and the references that it brings: all of one name and version. */
export interface Read {
  readonly target: Target;
  readonly wanted: readonly [Wanted, ...Wanted[]];
}

/** What an answer is read with. */
export interface Reader {
  readonly values: AzureValues;
  readonly identity: Identity;
  readonly journal: Journal;
  /** The server's clock, milliseconds. */
  serverNowMs(): number;
}

type Refusal = Omit<Refused, 'ref'>;

/**
 * One outcome for each reference of a read. Throws AccessTokenRefused, AUTH_REFUSED, RATE_LIMITED, UNAVAILABLE,
 * BAD_REQUEST, or 76 for an answer that is not what was asked for.
 */
export function outcomesOf(answer: HttpAnswer, { wanted }: Read, reader: Reader): readonly Outcome[] {
  if (answer.status >= 400) {
    const refusal = refusalOf(answer, reader);
    return wanted.map(({ ref }) => ({ ref, ...refusal }));
  }
  const [{ name, version: asked }] = wanted;
  const bundle = objectOf(answer);
  const version = versionIn(bundle, { name, asked, request: answer.request });
  const value = valueIn(bundle, reader.values, answer.request);
  warnOfTimes(bundle, wanted, reader);
  return wanted.map(({ ref }) => ({ ref, value, rest: ref.field, version }));
}

function refusalOf(answer: HttpAnswer, { identity }: Reader): Refusal {
  const { status, request } = answer;
  const fault = vaultFault(answer);
  refuseFinal(answer, fault.words);
  if (status === 401) refuseToken(answer, identity, fault.words);
  refuseHtml(answer);
  if (status === 403) return { refusal: 'forbidden', reason: `may not be read: 403${fault.words}${adviceFor(fault)}` };
  // What else is not found (an address, a version of the API) says nothing of the secret.
  if (status === 404 && fault.code === 'SecretNotFound') return MISSING;
  const message = `the server rejected ${request}: ${status}${fault.words}`;
  throw new SecretctlError('BAD_REQUEST', message, {
    ...factsOf(answer),
    hint: 'url must be that of the vault, and api-version one that it knows',
  });
}

const MISSING = {
  refusal: 'missing',
  reason: 'no secret of this name, or no such version',
} as const satisfies Refusal;

/** What the nearer reasons of a 403 ask for. */
function adviceFor({ inner }: VaultFault): string {
  const advice = Object.hasOwn(ADVICE, inner) ? ADVICE[inner] : undefined;
  return advice === undefined ? '' : `; ${advice}`;
}

const ADVICE: Readonly<Record<string, string>> = {
  ForbiddenByRbac: 'the application needs the role Key Vault Secrets User on the vault or the secret',
  AccessDenied: "the vault's access policies must give the application the secret permission Get",
  ForbiddenByPolicy: "the vault's access policies must give the application the secret permission Get",
  ForbiddenByFirewall: "the vault's firewall does not let this machine's address in",
  ForbiddenByConnection: 'the vault is reached by its private endpoint only',
  SecretDisabled: 'this version is disabled',
};

interface Asked {
  readonly name: string;
  readonly asked: string | undefined;
  readonly request: string;
}

/** The version in the secret's identifier; a vault that gives another secret than was asked for gives none. */
function versionIn(bundle: JsonObject, { name, asked, request }: Asked): string {
  const id = bundle.repeated.has('id') ? '' : (textMember(bundle, 'id') ?? '');
  const parts = /\/secrets\/(?<name>[0-9A-Za-z-]+)\/(?<version>[0-9A-Za-z]{1,64})$/.exec(id)?.groups;
  const version = parts?.['version'] ?? '';
  if (version === '') throw unexpected({ request }, 'has no usable "id"');
  const isSame = parts?.['name']?.toLowerCase() === name.toLowerCase();
  if (!isSame || (asked !== undefined && asked !== version.toLowerCase())) {
    throw unexpected({ request }, 'is about another secret or version than was asked for');
  }
  return version;
}

function valueIn(bundle: JsonObject, values: AzureValues, request: string): Sensitive {
  if (bundle.repeated.has('value')) throw unexpected({ request }, 'has "value" twice');
  const text = textMember(bundle, 'value');
  if (text === undefined) throw unexpected({ request }, 'has no "value"');
  if (!text.isWellFormed()) throw unexpected({ request }, 'holds half a character');
  const encoding = encodingOf(bundle, values);
  if (encoding === undefined) return new Sensitive(text);
  const bytes = decoded(text, encoding);
  if (bytes === undefined) {
    throw new SecretctlError('UNEXPECTED_ANSWER', `the value in the answer to ${request} is not ${encoding}`, {
      hint: 'its tag file-encoding or its content type says so: mend that, or see keep-encoded and base64-content-types',
    });
  }
  return new Sensitive(bytes);
}

/** How the value is encoded, where its own tag or the settings say that it is. */
function encodingOf(bundle: JsonObject, values: AzureValues): 'base64' | 'hex' | undefined {
  const tag = textMember(member(bundle, 'tags'), 'file-encoding');
  if (!values['keep-encoded'] && (tag === 'base64' || tag === 'hex')) return tag;
  const type = (textMember(bundle, 'contentType') ?? '').toLowerCase();
  return values['base64-content-types']?.some((one) => one.toLowerCase() === type) === true ? 'base64' : undefined;
}

function decoded(text: string, encoding: 'base64' | 'hex'): Buffer | undefined {
  const compact = text.replaceAll(/\s/g, '');
  const bytes = Buffer.from(compact, encoding);
  const back = bytes.toString(encoding);
  const isWhole = encoding === 'hex' ? back === compact.toLowerCase() : bare(back) === bare(compact);
  return isWhole ? bytes : undefined;
}

function bare(base64: string): string {
  return base64.replace(/=+$/, '');
}

/** A vault hands out secrets outside of their times as well: to use them is the reader's decision, and it should be one. */
function warnOfTimes(bundle: JsonObject, wanted: Read['wanted'], { journal, serverNowMs }: Reader): void {
  const attributes = member(bundle, 'attributes');
  const nowSeconds = serverNowMs() / 1000;
  const ended = past(attributes, 'exp', nowSeconds);
  const begins = numberMember(attributes, 'nbf');
  for (const { ref } of wanted) {
    const which = `${ref.name} (${quoted(ref.text)})`;
    if (ended !== undefined) journal.warn(`${which} is past its end by the vault's own date, ${visible(ended)}`);
    if (begins !== undefined && begins > nowSeconds) journal.warn(`${which} is not to be used yet, says the vault`);
  }
}

function past(attributes: Json | undefined, name: string, nowSeconds: number): string | undefined {
  const seconds = numberMember(attributes, name);
  if (seconds === undefined || seconds > nowSeconds || seconds < 0) return undefined;
  return new Date(seconds * 1000).toISOString();
}
