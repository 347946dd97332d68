import { unexpected } from '../../lib/answer.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, jsonIn, jsonText, member } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { visible } from '../../lib/text.ts';
import { type Accepted, reading } from './answers.ts';
import { firstAt, isNull, plainText, shownPath, valueAt } from './json-path.ts';
import type { Output, Withheld } from './recipe.ts';
import type { Template } from './template.ts';
import { openText, openValue, type Value, type Values } from './values.ts';

/** The bytes of an output, or undefined where the answer does not have it. Throws UNEXPECTED_ANSWER for what is no value. */
export function outputIn(output: Output, accepted: Accepted, values: Values): Buffer | undefined {
  const { answer } = accepted;
  if (output.body === true) return decoded(answer.body, output, values, answer);
  if (output.json === undefined) {
    const text = textElsewhere(output, answer, values);
    return text === undefined || text === '' ? undefined : decoded(Buffer.from(text, 'latin1'), output, values, answer);
  }
  const { json } = accepted;
  if (json === undefined) throw unexpected(answer, 'is not read as JSON, which the recipe takes a value from');
  return reading(answer, () => {
    const found = firstAt(json, output.json ?? [], openValue(values));
    return found === undefined || isNull(found) ? undefined : bytesOf(found, output, values, answer);
  });
}

/** Whether all that the answer has where the output is looked for is `null`. */
export function isNullIn({ json: paths = [] }: Output, { json, answer }: Accepted, values: Values): boolean {
  return json !== undefined && isNull(reading(answer, () => firstAt(json, paths, openValue(values))));
}

/** Whether the answer says that a value is held back. */
export function isWithheld(rule: Withheld | undefined, json: Json | undefined, values: Values): boolean {
  const found = rule && json && plainText(valueAt(json, rule.json, openValue(values)));
  return found !== undefined && rule?.is.includes(found) === true;
}

/** Why such a value is none. */
export const WITHHELD = { refusal: 'forbidden', reason: 'it is there and the server holds its value back' } as const;

/** What tells how a JSON value becomes bytes. */
interface Reading {
  readonly decode: Template;
  readonly structured: boolean;
}

/**
 * The bytes of a JSON value: a string's text, a number's digits, and a list or map as it is written where the recipe
 * lets it be a value. Throws UNEXPECTED_ANSWER.
 */
export function bytesOf(json: Json, how: Reading, values: Values, answer: HttpAnswer): Buffer {
  const text = plainText(json) ?? (how.structured ? jsonText(json, answer.body.toString('utf8')) : undefined);
  if (text === undefined) throw unexpected(answer, 'has a list or a map where a text is expected');
  // A lone surrogate has no UTF-8 form: writing it would put another character in its place.
  if (!text.isWellFormed()) throw unexpected(answer, 'holds a value with half a character (a lone surrogate)');
  return decoded(Buffer.from(text, 'utf8'), how, values, answer);
}

/**
 * Named outputs of one answer, each of one line, so that they can be kept together and sent in headers. Secret ones are
 * `Sensitive`. Throws UNEXPECTED_ANSWER for one that is missing or unfit.
 */
export function outputsIn(
  outputs: Readonly<Record<string, Output>>,
  accepted: Accepted,
  values: Values,
  standing: 'open' | 'secret',
): Readonly<Record<string, Value>> {
  const { answer } = accepted;
  const found: Record<string, Value> = {};
  for (const [name, output] of Object.entries(outputs)) {
    // A claim may be one of a token that the same answer brought.
    const bytes = outputIn(output, accepted, withFound(values, found));
    if (bytes === undefined) throw unexpected(answer, `holds no ${visible(name)}${placesOf(output)}`);
    const text = bytes.toString('utf8');
    const isToken = name === 'token';
    if (!(isToken ? /^[\x21-\x7e]+$/ : /^[^\p{Cc}]+$/u).test(text))
      throw unexpected(answer, `holds no usable ${visible(name)}`);
    const isOpen = output.public ?? standing === 'open';
    found[name] = isOpen ? text : new Sensitive(text);
  }
  return found;
}

function withFound(values: Values, found: Readonly<Record<string, Value>>): Values {
  return new Map([...values, ...Object.entries(found).map(([name, value]) => [`login.${name}`, value] as const)]);
}

function placesOf({ json }: Output): string {
  return json === undefined ? '' : ` (looked for in ${json.map(shownPath).join(', ')})`;
}

function textElsewhere(output: Output, answer: HttpAnswer, values: Values): string | undefined {
  if (output.header !== undefined) return answer.headers[output.header.toLowerCase()]?.trim();
  if (output.cookie !== undefined) return cookieIn(answer.headers['set-cookie'] ?? '', output.cookie);
  return claimOf(values.get(`login.${output.of}`), output.claim ?? '');
}

/**
 * A cookie's value, the later of two as browsers have it (RFC 6265 5.3). Several headers come joined by commas, which stand
 * in dates as well; a date has no "name=".
 */
function cookieIn(header: string, name: string): string | undefined {
  const pair = header
    .split(',')
    .map((one) => one.split(';', 1)[0]?.trim() ?? '')
    .findLast((one) => one.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}

/** The text of a claim of a token that came; it is theirs and not verified here. Undefined where it is no JWT. */
export function claimOf(token: Value | undefined, claim: string): string | undefined {
  const text =
    token instanceof Sensitive ? token.reveal().toString('latin1') : typeof token === 'string' ? token : undefined;
  const part = text?.split('.')[1];
  return part === undefined ? undefined : plainText(member(jsonIn(Buffer.from(part, 'base64url')), claim));
}

/** Taken out of its encoding, strictly: what is not of it is no value. */
function decoded(bytes: Buffer, { decode }: Pick<Reading, 'decode'>, values: Values, answer: HttpAnswer): Buffer {
  const encoding = openText(decode, values);
  if (encoding !== 'base64' && encoding !== 'base64url') return bytes;
  const text = bytes.toString('latin1');
  const result = Buffer.from(text, encoding);
  const again = result.toString(encoding);
  // The padding of base64url may stand or be left out (RFC 4648 3.2).
  if (again === text || (encoding === 'base64url' && again === text.replace(/={1,2}$/, ''))) return result;
  throw unexpected(answer, `holds a value that is not ${encoding}`);
}
