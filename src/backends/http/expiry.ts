import { unexpected } from '../../lib/answer.ts';
import type { Sensitive } from '../../lib/sensitive.ts';
import { type Accepted, reading } from './answers.ts';
import { claimOf } from './extract.ts';
import { plainText, type JsonPath, valueAt } from './json-path.ts';
import type { Expiry } from './recipe.ts';

/** Beyond this a number is a point in time, below it a length: 2001 against 31 years. */
const LEAST_NUMERIC_DATE = 1e9;

/** When an access token ends, as far as it is known: on this machine's clock, milliseconds, and its whole life, seconds. */
export interface Life {
  readonly expiresAtMs: number | undefined;
  readonly lifetimeSeconds: number | undefined;
}

/**
 * The first of the rules that the answer has something for. A point in time is on the server's clock, which `Date`
 * tells. Throws UNEXPECTED_ANSWER for something that is no time.
 */
export function lifeOf(rules: readonly Expiry[], accepted: Accepted, token: Sensitive, nowMs: number): Life {
  for (const rule of rules) {
    const leftMs = leftBy(rule, accepted, token, nowMs);
    if (leftMs !== undefined) return { expiresAtMs: nowMs + leftMs, lifetimeSeconds: leftMs / 1000 };
  }
  return { expiresAtMs: undefined, lifetimeSeconds: undefined };
}

function leftBy(rule: Expiry, accepted: Accepted, token: Sensitive, nowMs: number): number | undefined {
  if (rule.after !== undefined) return rule.after;
  const serverNowMs = nowMs + (accepted.answer.clockOffsetMs ?? 0);
  const claim = rule.claim === undefined ? undefined : claimOf(token, rule.claim);
  if (claim !== undefined) return numberIn(claim, accepted) * 1000 - serverNowMs;
  const text = textAt(rule.in ?? rule.at ?? [], accepted);
  if (text === undefined) return undefined;
  if (rule.in !== undefined) {
    const seconds = numberIn(text, accepted);
    return seconds >= LEAST_NUMERIC_DATE ? seconds * 1000 - serverNowMs : seconds * 1000;
  }
  return atMs(text, rule.form, accepted) - serverNowMs;
}

function textAt(paths: readonly JsonPath[], { answer, json }: Accepted): string | undefined {
  if (json === undefined) return undefined;
  return reading(answer, () => {
    const found = paths.map((path) => valueAt(json, path, () => undefined)).find((one) => one !== undefined);
    if (found === undefined) return undefined;
    const text = plainText(found);
    if (text === undefined) throw unexpected(answer, 'has no time where the recipe looks for the end of the token');
    return text;
  });
}

/** RFC 3339, with its offset: a local time would be anybody's guess. */
const ISO =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$/;

function atMs(text: string, form: Expiry['form'], accepted: Accepted): number {
  if (form === 'seconds') return numberIn(text, accepted) * 1000;
  if (form === 'milliseconds') return numberIn(text, accepted);
  const ms = ISO.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw unexpected(accepted.answer, 'has no date where the recipe looks for the end of the token');
  return ms;
}

function numberIn(text: string, { answer }: Accepted): number {
  if (/^-?[0-9]{1,15}(?:\.[0-9]{1,9})?$/.test(text)) return Number(text);
  throw unexpected(answer, 'has no number where the recipe looks for the end of the token');
}
