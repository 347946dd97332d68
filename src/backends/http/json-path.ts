import { type Json, type JsonArray, type JsonObject } from '../../lib/json.ts';
import { quoted } from '../../lib/text.ts';
import { type Kind, RecipeFault, textual } from './kinds.ts';
import { parseTemplate, type Placeholder } from './template.ts';

/**
 * Where in an answer something stands: `data.token`, `results[0].field[name=Password].value`, `secrets.{ref.name}`.
 * `~` overlooks letter case: `~Password`, `[name~password]`. `[]` means each of a list. `.` is all of it. `field!` decides:
 * where it is there, no path after this one is tried.
 */
export type JsonPath = readonly Step[];

/** One step down. */
export type Step =
  | { readonly kind: 'member'; readonly name: Word; readonly anyCase: boolean; readonly decides: boolean }
  | { readonly kind: 'item'; readonly index: number }
  | { readonly kind: 'each' }
  | { readonly kind: 'where'; readonly key: string; readonly value: Word; readonly anyCase: boolean };

/** A name as written, or one that is only known when it is asked for. */
export type Word = string | Placeholder;

/** What stands for the placeholders; undefined for one without a value. */
export type Words = (placeholder: Placeholder) => string | undefined;

/** Why a path leads nowhere, other than that nothing is there; completes "the answer to … ". */
export class Ambiguous extends Error {
  constructor(phrase: string) {
    super(phrase);
    this.name = 'Ambiguous';
  }
}

/** A path of a recipe. */
export const jsonPath: Kind<JsonPath> = textual((text, at) => parsePath(text, at), { type: 'string', minLength: 1 });

const STEP =
  /^(?:(?<dot>\.)?(?<any>~)?(?:(?<name>[A-Za-z0-9_$@-]+)|"(?<text>[^"]*)"|(?<place>\{[^{}]*\}))(?<sure>!)?|\[(?<index>-?[0-9]{1,6})\]|(?<each>\[\])|\[(?<key>[A-Za-z0-9_$@-]+)(?<sign>[=~])(?:(?<word>[^\]"{}]+)|"(?<words>[^"]*)"|(?<hole>\{[^{}]*\}))\])/;

/** The path in a text. Throws {@link RecipeFault}. */
export function parsePath(text: string, at: Parameters<typeof parseTemplate>[1]): JsonPath {
  if (text === '.') return [];
  if (/^\$(?:[.[]|$)/.test(text)) throw new RecipeFault('begins with "$": leave that out, or write "." for all of it');
  const steps: Step[] = [];
  for (let rest = text; rest !== '';) {
    const found = STEP.exec(rest);
    const groups = found?.groups ?? {};
    const isMember = groups['name'] !== undefined || groups['text'] !== undefined || groups['place'] !== undefined;
    if (found === null || (isMember && (groups['dot'] !== undefined) === (steps.length === 0))) {
      throw new RecipeFault(
        `must be a path such as data.token, results[0].value or list[name=X].value (${quoted(rest)} is none)`,
      );
    }
    steps.push(isMember ? memberStep(groups, at) : bracketStep(groups, at));
    rest = rest.slice(found[0].length);
  }
  return steps;
}

type Groups = Readonly<Record<string, string | undefined>>;
type At = Parameters<typeof parseTemplate>[1];

function memberStep(groups: Groups, at: At): Step {
  const name = wordOf(groups['name'] ?? groups['text'], groups['place'], at);
  return { kind: 'member', name, anyCase: groups['any'] !== undefined, decides: groups['sure'] !== undefined };
}

function bracketStep(groups: Groups, at: At): Step {
  if (groups['each'] !== undefined) return { kind: 'each' };
  if (groups['index'] !== undefined) return { kind: 'item', index: Number(groups['index']) };
  const value = wordOf(groups['word'] ?? groups['words'], groups['hole'], at);
  return { kind: 'where', key: groups['key'] ?? '', value, anyCase: groups['sign'] === '~' };
}

function wordOf(text: string | undefined, place: string | undefined, at: At): Word {
  if (place === undefined) return text ?? '';
  const [only] = parseTemplate(place, at).parts;
  return only ?? '';
}

/** The placeholders of a path. */
export function placesIn(path: JsonPath): readonly Placeholder[] {
  return path
    .flatMap((step) => (step.kind === 'member' ? [step.name] : step.kind === 'where' ? [step.value] : []))
    .filter((found) => typeof found !== 'string');
}

/** A path as a message shows it. */
export function shownPath(path: JsonPath): string {
  if (path.length === 0) return 'its whole';
  const text = path.map((step) => {
    if (step.kind === 'each') return '[]';
    if (step.kind === 'item') return `[${step.index}]`;
    if (step.kind === 'where') return `[${step.key}${step.anyCase ? '~' : '='}${shownWord(step.value)}]`;
    return `.${step.anyCase ? '~' : ''}${shownWord(step.name)}${step.decides ? '!' : ''}`;
  });
  return text.join('').replace(/^\./, '');
}

function shownWord(found: Word): string {
  return typeof found === 'string' ? found : `{${found.name}}`;
}

/**
 * Everything at the path; without `[]` at most one. Throws {@link Ambiguous} where a name stands twice, and where
 * several items are the one that is looked for.
 */
export function valuesAt(root: Json, path: JsonPath, words: Words): readonly Json[] {
  let current: readonly Json[] = [root];
  for (const step of path) current = current.flatMap((json) => stepDown(json, step, words));
  return current;
}

/**
 * The one value at the path; undefined where nothing is, and for `null`. Throws {@link Ambiguous}, also where `[]` stands
 * for a list of several: the first of them is no better than any other.
 */
export function valueAt(root: Json, path: JsonPath, words: Words): Json | undefined {
  const { found } = follow(root, path, words);
  return isNull(found) ? undefined : found;
}

/**
 * What is at the first of the paths that leads to something; `null` where one of them leads there and none to anything
 * else. Throws what {@link valueAt} throws.
 */
export function firstAt(root: Json, paths: readonly JsonPath[], words: Words): Json | undefined {
  let nothing: Json | undefined;
  for (const path of paths) {
    const { found, isDecided } = follow(root, path, words);
    if (found !== undefined && !isNull(found)) return found;
    nothing ??= found;
    if (isDecided) break;
  }
  return nothing;
}

interface Followed {
  readonly found: Json | undefined;
  /** Whether something is there that leaves no other path. */
  readonly isDecided: boolean;
}

function follow(root: Json, path: JsonPath, words: Words): Followed {
  let found: Json | undefined = root;
  let isDecided = false;
  for (const step of path) {
    if (step.kind === 'each' && found?.kind === 'array' && found.items.length > 1) {
      throw new Ambiguous(`holds ${found.items.length} entries where one is looked for`);
    }
    found = found && stepDown(found, step, words)[0];
    isDecided ||= found !== undefined && step.kind === 'member' && step.decides;
  }
  return { found, isDecided };
}

/** Whether it is `null`. */
export function isNull(json: Json | undefined): boolean {
  return json?.kind === 'literal' && json.value === null;
}

function stepDown(json: Json, step: Step, words: Words): readonly Json[] {
  if (step.kind === 'member') return json.kind === 'object' ? memberOf(json, step, words) : [];
  if (json.kind !== 'array') return [];
  if (step.kind === 'each') return json.items;
  if (step.kind === 'item') return [json.items.at(step.index)].filter((item) => item !== undefined);
  return itemsWhere(json, step, words);
}

function memberOf(json: JsonObject, step: Extract<Step, { kind: 'member' }>, words: Words): readonly Json[] {
  const wanted = resolved(step.name, words);
  if (wanted === undefined) return [];
  const exact = json.members.get(wanted);
  if (exact !== undefined && json.repeated.has(wanted)) throw new Ambiguous(`holds ${quoted(wanted)} twice`);
  if (exact !== undefined) return [exact];
  if (!step.anyCase) return [];
  const folded = [...json.members].filter(([name]) => name.toLowerCase() === wanted.toLowerCase());
  const [only] = folded;
  return only !== undefined && folded.length === 1 && !json.repeated.has(only[0]) ? [only[1]] : [];
}

function itemsWhere(json: JsonArray, step: Extract<Step, { kind: 'where' }>, words: Words): readonly Json[] {
  const wanted = resolved(step.value, words);
  if (wanted === undefined) return [];
  const items = json.items.map((item) => ({ item, text: plainText(memberNamed(item, step.key)) }));
  const exact = items.filter(({ text }) => text === wanted);
  if (exact.length > 1) throw new Ambiguous(`holds several entries whose ${quoted(step.key)} is ${quoted(wanted)}`);
  if (exact.length === 1 || !step.anyCase) return exact.map(({ item }) => item);
  const folded = items.filter(({ text }) => text?.toLowerCase() === wanted.toLowerCase());
  return folded.length === 1 ? folded.map(({ item }) => item) : [];
}

function memberNamed(json: Json, name: string): Json | undefined {
  return json.kind === 'object' && !json.repeated.has(name) ? json.members.get(name) : undefined;
}

/** A string, or a number or truth value as written. */
export function plainText(json: Json | undefined): string | undefined {
  if (json?.kind === 'string') return json.value;
  if (json?.kind === 'number') return json.text;
  return json?.kind === 'literal' && json.value !== null ? String(json.value) : undefined;
}

function resolved(found: Word, words: Words): string | undefined {
  return typeof found === 'string' ? found : words(found);
}
