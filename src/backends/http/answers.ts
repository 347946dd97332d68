import { jsonAnswer, refuseHtml, unavailable, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, jsonIn } from '../../lib/json.ts';
import { quoted } from '../../lib/text.ts';
import { Ambiguous, firstAt, isNull, type JsonPath, parsePath, plainText, valueAt } from './json-path.ts';
import type { ErrorRules, Recipe, Request } from './recipe.ts';

/** What an answer means. */
export type Verdict = Accepted | Failed;

/** A request that was granted. */
export interface Accepted {
  readonly kind: 'ok';
  readonly answer: HttpAnswer;
  /** Undefined for an answer that is not JSON by the recipe. */
  readonly json: Json | undefined;
}

/** One that was not: `rejected` means that the server did not understand it. */
export interface Failed {
  readonly kind: 'unauthorized' | 'forbidden' | 'missing' | 'rejected';
  readonly answer: HttpAnswer;
  readonly status: number;
  /** The server's own word for it, in quotes and with a space before it, or empty. */
  readonly code: string;
}

/** The rules of one request: its own keys over the recipe's. */
export function rulesFor(recipe: Recipe, request: Request): ErrorRules {
  const there = Object.entries(request.errors ?? {}).filter(([, value]) => value !== undefined);
  return { ...NO_RULES, ...recipe.errors, ...Object.fromEntries(there) };
}

const AT = { line: 1, column: 1 };

const NO_RULES: ErrorRules = {
  success: undefined,
  status: [],
  members: undefined,
  code: undefined,
  page: undefined,
  unauthorized: undefined,
  forbidden: undefined,
  missing: undefined,
  'locked-out': undefined,
};

const MEMBERS: readonly JsonPath[] = ['error', 'errors'].map((text) => parsePath(text, AT));
const CODES: readonly JsonPath[] = [
  'error.code',
  'error.message',
  'error',
  'errors[0].message',
  'errors[0]',
  'message',
].map((text) => parsePath(text, AT));
const STATUSES = { unauthorized: [401], forbidden: [403], missing: [404] } as const;
const CLASSES = ['unauthorized', 'forbidden', 'missing'] as const;

/** Statuses that are handed back at once although they are worth repeating elsewhere: a lock-out. */
export function finalStatuses(rules: ErrorRules): readonly number[] {
  return rules['locked-out']?.statuses ?? [];
}

/**
 * Reads one answer by these rules. Throws LOCKED_OUT, UNAVAILABLE from 500 up, NOT_THE_API for a web page, and 76 for what
 * is not what the recipe says or calls itself a success and carries an error. That something is missing is believed
 * only in an answer of the API's own kind: a wrong path is answered 404 too.
 */
export function judge(
  answer: HttpAnswer,
  rules: ErrorRules,
  kind: Request['answer'],
  isSecret: (word: string) => boolean,
): Verdict {
  const page = pageVerdict(answer, rules);
  if (page !== undefined) return page;
  const loose = isOpaque(answer, kind) ? undefined : jsonIn(answer.body);
  const status = Math.max(answer.status, statusIn(loose, rules, answer));
  const code = codeIn(loose, rules, isSecret);
  const isError = status >= 400 || hidesError(loose, rules);
  if (!isError) return accepted(answer, rules, kind);
  const shown = code === undefined ? '' : ` ${quoted(code)}`;
  if (isIn('locked-out', status, code, rules)) throw lockedOut(answer, shown);
  const found = classOf(status, code, rules);
  if (found === 'missing') requireOwn(answer, loose);
  if (found !== undefined) return { kind: found, answer, status, code: shown };
  if (status >= 500) throw unavailable(answer, `${status}${shown} to ${answer.request}`);
  if (status < 400) throw unexpected(answer, `calls itself a success and carries an error${shown}`);
  return { kind: 'rejected', answer, status, code: shown };
}

function requireOwn(answer: HttpAnswer, json: Json | undefined): void {
  if (answer.status !== 404 || (json !== undefined && saysJson(answer))) return;
  throw unexpected(answer, 'has status 404 and is not of the API');
}

/** The server's own code says more than the status. */
function classOf(status: number, code: string | undefined, rules: ErrorRules): (typeof CLASSES)[number] | undefined {
  return (
    CLASSES.find((one) => rules[one]?.codes.includes(code ?? '') === true) ??
    CLASSES.find((one) => isIn(one, status, code, rules))
  );
}

/** What to say of a request that the server rejects as such. */
export function badRequest({ answer, status, code }: Failed): SecretctlError {
  return new SecretctlError('BAD_REQUEST', `${answer.request} was rejected: ${status}${code}`, {
    hint: 'the recipe, its parameters or the reference do not fit this server',
  });
}

/** What reading an answer says; a path that leads to two things is a fault of the answer. */
export function reading<Result>(answer: HttpAnswer, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Ambiguous)) throw error;
    throw unexpected(answer, error.message);
  }
}

function accepted(answer: HttpAnswer, { success }: ErrorRules, kind: Request['answer']): Accepted {
  if (success !== undefined && !success.includes(answer.status)) {
    throw unexpected(answer, `has the status ${answer.status}`);
  }
  if (kind === 'json') return { kind: 'ok', answer, json: jsonAnswer(answer) };
  if (kind !== 'none' && answer.body.length === 0) throw unexpected(answer, 'is empty');
  return { kind: 'ok', answer, json: undefined };
}

/** A login page in place of the API: where the recipe says so, the word that the token is not good. */
function pageVerdict(answer: HttpAnswer, rules: ErrorRules): Failed | undefined {
  const { status } = answer;
  const isFinal = status >= 500 || finalStatuses(rules).includes(status);
  if (rules.page === undefined ? status >= 400 && status !== 404 : isFinal) return undefined;
  try {
    refuseHtml(answer);
    return undefined;
  } catch (error) {
    if (rules.page === undefined || !(error instanceof SecretctlError)) throw error;
    return { kind: 'unauthorized', answer, status, code: ' "a login page"' };
  }
}

/** The status that the body names, 0 where it names none. In what calls itself a success it has to be a clear one. */
function statusIn(json: Json | undefined, { status: paths }: ErrorRules, answer: HttpAnswer): number {
  if (json === undefined) return 0;
  const read = (): Json | undefined => firstAt(json, paths, () => undefined);
  const found = answer.status < 400 ? reading(answer, read) : paths.map((path) => safely(json, path)).find(Boolean);
  if (found === undefined || isNull(found)) return 0;
  const text = plainText(found) ?? '';
  if (/^[1-5][0-9]{2}$/.test(text)) return Number(text);
  if (answer.status < 400) throw unexpected(answer, 'has no clear status where the recipe looks for one');
  return 0;
}

/** The first word at one of the paths that holds nothing of what was sent in confidence. */
function codeIn(
  json: Json | undefined,
  { code: paths = CODES }: ErrorRules,
  isSecret: (word: string) => boolean,
): string | undefined {
  if (json === undefined) return undefined;
  const words = paths.map((path) => plainText(safely(json, path))?.trim());
  return words.find((word) => word !== undefined && word !== '' && !isSecret(word));
}

/** A value as it is, which may look like anything: only one that calls itself JSON is searched for an error. */
function isOpaque(answer: HttpAnswer, kind: Request['answer']): boolean {
  return (kind === 'text' || kind === 'bytes') && answer.status < 400 && !saysJson(answer);
}

function saysJson({ headers }: HttpAnswer): boolean {
  return /^[\w.+-]+\/(?:[\w.+-]*[.+])?json\b/i.test(headers['content-type'] ?? '');
}

function hidesError(json: Json | undefined, { members = MEMBERS }: ErrorRules): boolean {
  if (json === undefined) return false;
  return members.some((path) => {
    try {
      const found = valueAt(json, path, () => undefined);
      return found !== undefined && !isNothing(found);
    } catch (error) {
      if (error instanceof Ambiguous) return true;
      throw error;
    }
  });
}

function safely(json: Json, path: JsonPath): Json | undefined {
  try {
    return valueAt(json, path, () => undefined);
  } catch (error) {
    if (error instanceof Ambiguous) return undefined;
    throw error;
  }
}

/** What a member for errors holds where there is none. */
function isNothing(json: Json): boolean {
  if (json.kind === 'number') return Number(json.text) === 0;
  if (json.kind === 'string') return json.value === '';
  if (json.kind === 'array') return json.items.length === 0;
  if (json.kind === 'object') return json.members.size === 0;
  return json.value !== true;
}

function isIn(
  name: 'locked-out' | (typeof CLASSES)[number],
  status: number,
  code: string | undefined,
  rules: ErrorRules,
): boolean {
  const rule = rules[name];
  if (code !== undefined && rule?.codes.includes(code) === true) return true;
  const statuses: readonly number[] = rule?.statuses ?? (name === 'locked-out' ? [] : STATUSES[name]);
  return statuses.includes(status);
}

function lockedOut(answer: HttpAnswer, shown: string): SecretctlError {
  const after = answer.headers['retry-after'] ?? '';
  const seconds = /^[0-9]{1,9}$/.test(after) ? Number(after) : undefined;
  return new SecretctlError(
    'LOCKED_OUT',
    `the server blocks this client for a while: ${answer.status}${shown} to ${answer.request}`,
    {
      hint: 'every further try may prolong it, so none was made; find the job whose login fails before running again',
      ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
    },
  );
}
