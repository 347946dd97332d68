import { factsOf, refuseHtml, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, type JsonObject, member, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { AccessTokenRefused, type Outcome, type Refused } from '../types.ts';
import { type ApiFault, apiFault, objectOf, refuseFinal, rejected } from './answers.ts';
import { crc32c } from './crc32c.ts';
import type { Wanted } from './references.ts';
import type { Target } from './requests.ts';

/** One request, and the references that it brings: all of one secret and version. */
export interface Read {
  readonly target: Target;
  readonly wanted: readonly [Wanted, ...Wanted[]];
}

type Refusal = Omit<Refused, 'ref'>;

/**
 * One outcome for each reference of a read. Throws AccessTokenRefused, SECRET_DENIED where no secret can be read at all,
 * RATE_LIMITED, UNAVAILABLE, BAD_REQUEST, or 76 for an answer that is not what was asked for or is damaged.
 */
export function outcomesOf(answer: HttpAnswer, { wanted }: Read): readonly Outcome[] {
  if (answer.status >= 400) {
    const refusal = refusalOf(answer);
    return wanted.map(({ ref }) => ({ ref, ...refusal }));
  }
  const body = objectOf(answer);
  const version = versionIn(body, wanted[0], answer.request);
  const value = valueIn(body, answer.request);
  return wanted.map(({ ref }) => ({ ref, value, rest: ref.field, version }));
}

function refusalOf(answer: HttpAnswer): Refusal {
  const { status } = answer;
  const fault = apiFault(answer);
  refuseFinal(answer, fault.words);
  if (status === 401) throw new AccessTokenRefused();
  refuseHtml(answer);
  if (status === 403) return forbidden(answer, fault);
  if (status === 404 && fault.status === 'NOT_FOUND') {
    return { refusal: 'missing', reason: 'no secret of this name, or no such version' };
  }
  if (status === 400 && fault.status === 'FAILED_PRECONDITION') {
    return withoutValue(fault);
  }
  throw rejected(answer, fault.words, 'url must be that of Secret Manager, and location the one it serves');
}

/** A destroyed version is gone for good; one that is disabled is there, and nothing may take its place. */
function withoutValue({ message, words }: ApiFault): Refusal {
  const refusal = /\bDESTROYED\b/.test(message) ? 'missing' : 'forbidden';
  return { refusal, reason: `its version gives no value:${words}` };
}

/** A service that is off, or a project that may not be billed, concerns every secret alike. */
function forbidden(answer: HttpAnswer, { reason, words }: ApiFault): Refusal {
  const hint = Object.hasOwn(FOR_ALL, reason) ? FOR_ALL[reason] : undefined;
  if (hint !== undefined) {
    const message = `the server refused ${answer.request}: 403${words}`;
    throw new SecretctlError('SECRET_DENIED', message, { ...factsOf(answer), hint });
  }
  const advice = 'it needs the role Secret Manager Secret Accessor there, and Google does not say whether it exists';
  return { refusal: 'forbidden', reason: `may not be read: 403${words}; ${advice}` };
}

const FOR_ALL: Readonly<Record<string, string>> = {
  SERVICE_DISABLED: 'the project must have the API secretmanager.googleapis.com switched on',
  USER_PROJECT_DENIED: 'whoever logs in needs the role Service Usage Consumer on the project that quota-project names',
  CONSUMER_INVALID: 'the project of the reference, or quota-project, is not there or not active',
  BILLING_DISABLED: 'the project has no billing',
  SECURITY_POLICY_VIOLATED: 'a service perimeter (VPC Service Controls) keeps this machine out',
};

/** The name of the version that came; its project is a number whatever was asked for. */
function versionIn(body: JsonObject, { parent, version: asked }: Wanted, request: string): string {
  const name = body.repeated.has('name') ? '' : (textMember(body, 'name') ?? '');
  const parts =
    /^projects\/(?<project>[^/]+)\/(?<inside>(?:locations\/[^/]+\/)?secrets\/[^/]+)\/versions\/(?<version>[0-9]{1,15})$/.exec(
      name,
    )?.groups;
  const version = parts?.['version'];
  if (version === undefined) throw unexpected({ request }, 'has no usable "name"');
  if (!isIn(parent, parts) || (/^[0-9]/.test(asked) && asked !== version)) {
    throw unexpected({ request }, 'is about another secret or version than was asked for');
  }
  return version;
}

/** The project's id does not tell its number; one that was asked for by number is held against it. */
function isIn(parent: string, parts: Readonly<Record<string, string>> | undefined): boolean {
  const [, project = '', ...inside] = parent.split('/');
  const isThere = !/^[0-9]+$/.test(project) || parts?.['project'] === project;
  return isThere && parts?.['inside'] === inside.join('/');
}

function valueIn(body: JsonObject, request: string): Sensitive {
  const payload = member(body, 'payload');
  if (payload?.kind !== 'object' || body.repeated.has('payload')) throw unexpected({ request }, 'has no "payload"');
  if (payload.repeated.has('data') || payload.repeated.has('dataCrc32c'))
    throw unexpected({ request }, 'has a payload twice');
  // A value of no bytes leaves the member out, as JSON of protocol buffers does.
  const text = payload.members.has('data') ? textMember(payload, 'data') : '';
  const bytes = text === undefined ? undefined : decoded(text);
  if (bytes === undefined) throw unexpected({ request }, 'holds no base64 as "data"');
  refuseDamaged(bytes, member(payload, 'dataCrc32c'), request);
  return new Sensitive(bytes);
}

/** The checksum is of the bytes, a 64-bit number as text; a server may leave it out. */
function refuseDamaged(bytes: Buffer, said: Json | undefined, request: string): void {
  if (said === undefined) return;
  const sum = said.kind === 'string' ? said.value : said.kind === 'number' ? said.text : '';
  if (sum === `${crc32c(bytes)}`) return;
  throw new SecretctlError('UNEXPECTED_ANSWER', `the value in the answer to ${request} does not have its checksum`, {
    hint: 'it was damaged on the way: run the job again',
  });
}

/** Standard base64 or that for URLs, padded or not: both are JSON of protocol buffers. */
function decoded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  return bytes.toString('base64').replace(/=+$/, '') === plain ? bytes : undefined;
}
