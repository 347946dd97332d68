import { unexpected } from '../../lib/answer.ts';
import type { SecretctlError } from '../../lib/errors.ts';
import type { Json } from '../../lib/json.ts';
import { inLanes } from '../../lib/lanes.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { quoted } from '../../lib/text.ts';
import type { Outcome } from '../types.ts';
import { type Accepted, reading } from './answers.ts';
import { withCheckOut } from './check-out.ts';
import { isNullIn, isWithheld, outputIn, outputsIn, WITHHELD } from './extract.ts';
import { AT_ONCE, type Refusal, refusalOf, sendFetching } from './fetching.ts';
import { plainText, shownPath, valueAt, valuesAt } from './json-path.ts';
import { lookUpNames, readNames } from './names.ts';
import type { FetchOne, LookUpStep, Recipe } from './recipe.ts';
import type { Wanted } from './references.ts';
import type { Sender } from './sender.ts';
import { openText, openValue, type Value, type Values, withValues } from './values.ts';

/**
 * One request for each secret, after its look-up; values of one answer are read from it together, and what two
 * spellings mean is read, and checked out, once.
 */
export async function fetchOneByOne(
  sender: Sender,
  one: FetchOne,
  wanted: readonly Wanted[],
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const located: Wanted[] = [];
  const looked = await inLanes(lookedUpTogether(sender.recipe, wanted), AT_ONCE, async (group) => {
    return { group, found: await lookUp(sender, group[0]?.values ?? new Map()) };
  });
  for (const { group, found } of looked) {
    if ('refusal' in found) outcomes.push(...spread(found, group));
    else located.push(...group.map((each) => ({ ...each, values: withValues(each.values, found.values) })));
  }
  const groups = readTogether(sender.recipe, one, located);
  const read = await inLanes(groups, AT_ONCE, (group) => readGroup(sender, one, group));
  return [...outcomes, ...read.flat()];
}

/** Those that the same look-ups are made for. */
export function lookedUpTogether(recipe: Recipe, wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  const { reference, 'look-up': lookUps } = recipe;
  return alike(wanted, [...(reference['id-alone'] ? ['path'] : []), ...lookUps.flatMap(lookUpNames)]);
}

/** Those that the same requests bring, once they are looked up. */
export function readTogether(recipe: Recipe, one: FetchOne, wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  return alike(wanted, readNames(recipe, one));
}

/** Grouped by these of their values. */
function alike(wanted: readonly Wanted[], names: readonly string[]): readonly (readonly Wanted[])[] {
  const distinct = [...new Set(names)];
  const key = ({ values }: Wanted): string =>
    JSON.stringify(distinct.map((name) => openValue(values)({ name, filter: undefined })));
  return [...Map.groupBy(wanted, key).values()];
}

const FIELD = { name: 'field', filter: undefined } as const;

async function readGroup(sender: Sender, one: FetchOne, group: readonly Wanted[]): Promise<Outcome[]> {
  const [first] = group;
  if (first === undefined) return [];
  const checkOut = sender.recipe['check-out'];
  const read = (more: Readonly<Record<string, Value>> = {}): Promise<Outcome[] | Refusal> =>
    readValues(sender, one, group, more);
  const direct = checkOut?.when === 'always' ? undefined : await read();
  if (direct !== undefined && (Array.isArray(direct) || direct.refusal === 'missing' || checkOut === undefined)) {
    return spread(direct, group);
  }
  if (checkOut === undefined) return [];
  // It exists and may not be read: for all that can be told, because it has to be checked out first.
  const second = await withCheckOut(sender, checkOut, { values: first.values, text: first.ref.text }, read);
  if (!('refused' in second)) return spread(second, group);
  const why = `its check-out was refused: ${second.refused}`;
  return spread({ refusal: 'forbidden', reason: direct === undefined ? why : `${direct.reason}; ${why}` }, group);
}

function spread(found: Outcome[] | Refusal, group: readonly Wanted[]): Outcome[] {
  return Array.isArray(found) ? found : group.map(({ ref }) => ({ ref, ...found }));
}

interface Found {
  readonly values: Readonly<Record<string, Value>>;
}

/** What the look-ups of a reference found, by `found.…`. */
async function lookUp(sender: Sender, values: Values): Promise<Found | Refusal> {
  const { recipe } = sender;
  const path = openValue(values)({ name: 'path', filter: undefined }) ?? '';
  if (recipe.reference['id-alone'] && isId(path)) return { values: { 'found.id': path } };
  const found: Record<string, Value> = {};
  for (const step of recipe['look-up']) {
    const known = withValues(values, found);
    const verdict = await sendFetching(sender, step.request, known);
    if (verdict.kind !== 'ok') return refusalOf(verdict, 'it may not be looked up', 'it does not exist');
    const outputs = lookedUp(step, verdict, known);
    if ('refusal' in outputs) return outputs;
    Object.assign(found, outputs.values);
  }
  return { values: found };
}

/** Whether a path is an id already: digits alone, where the recipe says that these are none of its paths. */
export function isId(path: string): boolean {
  return /^[1-9][0-9]{0,18}$/.test(path);
}

function lookedUp(step: LookUpStep, accepted: Accepted, known: Values): Found | Refusal {
  const { answer, json } = accepted;
  if (step.list === undefined) return foundIn(step, accepted, known);
  if (json === undefined) throw unexpected(answer, 'is not read as JSON, which the recipe takes a list from');
  const { list } = step;
  const found = reading(answer, () => {
    const [array] = valuesAt(json, list, openValue(known));
    if (array?.kind !== 'array') throw unexpected(answer, `has no list in ${shownPath(list)}`);
    const wanted = Object.entries(step.where).map(([name, template]) => [name, openText(template, known)] as const);
    return array.items.filter((item) =>
      wanted.every(([name, text]) => text !== undefined && textIn(item, name) === text),
    );
  });
  const [only] = found;
  if (only === undefined) return { refusal: 'missing', reason: 'nothing has this name' };
  if (found.length > 1)
    return { refusal: 'missing', reason: `${found.length} entries have this name, so none is meant` };
  return foundIn(step, { ...accepted, json: only }, known);
}

/** The text of a member that stands there once. */
function textIn(item: Json, name: string): string | undefined {
  return item.kind === 'object' && !item.repeated.has(name) ? plainText(item.members.get(name)) : undefined;
}

/** Where the place is there and nothing is in it, there is no such secret. */
function foundIn(step: LookUpStep, accepted: Accepted, known: Values): Found | Refusal {
  const first = Object.values(step.outputs)[0];
  if (step.present !== undefined && first !== undefined) {
    requirePresent(step.present, accepted, known);
    if (outputIn(first, accepted, known) === undefined) return { refusal: 'missing', reason: 'it does not exist' };
  }
  const outputs = outputsIn(step.outputs, accepted, known, 'open');
  return { values: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [`found.${name}`, value])) };
}

async function readValues(
  sender: Sender,
  one: FetchOne,
  group: readonly Wanted[],
  found: Readonly<Record<string, Value>>,
): Promise<Outcome[] | Refusal> {
  const [first] = group;
  if (first === undefined) return [];
  const verdict = await sendFetching(sender, one.request, withValues(first.values, found));
  if (verdict.kind !== 'ok') return refusalOf(verdict, 'it may not be read', 'it does not exist');
  if (one.present !== undefined) requirePresent(one.present, verdict, first.values);
  return group.map(({ ref, values, rest }) => {
    const known = withValues(values, found);
    if (reading(verdict.answer, () => isWithheld(one.withheld, verdict.json, known))) return { ref, ...WITHHELD };
    const bytes = outputIn(one.value, verdict, known);
    if (bytes !== undefined) return { ref, value: new Sensitive(bytes), rest };
    // What is said to be nothing is no word that it is missing, for which a default would stand in.
    if (isNullIn(one.value, verdict, known)) throw unexpected(verdict.answer, 'holds null in place of a value');
    if (one.present === undefined) throw noValue(one, verdict);
    const field = openValue(known)(FIELD);
    return { ref, refusal: 'missing', reason: field === undefined ? 'it does not exist' : `no field ${quoted(field)}` };
  });
}

/** Without a sign that the answer is the right one, that nothing is there may as well mean that the recipe is wrong. */
function noValue({ value }: FetchOne, { answer }: Accepted): SecretctlError {
  const sought = value.json === undefined ? '' : `: ${value.json.map(shownPath).join(', ')}`;
  return unexpected(answer, `holds no value where the recipe looks for it${sought}`, NO_VALUE);
}

const NO_VALUE =
  'the recipe may be wrong; where it names under "present" what every right answer has, that nothing is there means that the secret is missing';

function requirePresent(path: NonNullable<FetchOne['present']>, { answer, json }: Accepted, values: Values): void {
  const found = json === undefined ? undefined : reading(answer, () => valueAt(json, path, openValue(values)));
  if (found?.kind !== 'object' && found?.kind !== 'array')
    throw unexpected(answer, `has nothing in ${shownPath(path)}`);
}
