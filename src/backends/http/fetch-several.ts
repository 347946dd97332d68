import { unexpected } from '../../lib/answer.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import type { Json } from '../../lib/json.ts';
import { allOf, inLanes, openLanes } from '../../lib/lanes.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { quoted } from '../../lib/text.ts';
import type { Outcome } from '../types.ts';
import { type Accepted, reading } from './answers.ts';
import { bytesOf, isWithheld, WITHHELD } from './extract.ts';
import { AT_ONCE, type Refusal, refusalOf, sendFetching } from './fetching.ts';
import { firstAt, isNull, type JsonPath, plainText, shownPath, valueAt, valuesAt } from './json-path.ts';
import { placeNames } from './names.ts';
import type { Entries, FetchAll, FetchMany } from './recipe.ts';
import type { Wanted } from './references.ts';
import type { Sender } from './sender.ts';
import { allPages } from './pages.ts';
import { openText, openValue, type Values, withValues } from './values.ts';

/** Those that one request names, as many at a time as the recipe allows. */
export async function fetchMany(
  sender: Sender,
  many: FetchMany,
  wanted: readonly Wanted[],
): Promise<readonly Outcome[]> {
  const lanes = openLanes(AT_ONCE);
  const batches = batchesOf(many, wanted);
  const read = await allOf(batches.map((batch) => readBatch(sender, many, batch, (work) => lanes.run(work))));
  return read.flat();
}

/** The references of each request: no path twice, and of one kind where more than the paths tells requests apart. */
export function batchesOf(many: FetchMany, wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  const alike = [...Map.groupBy(wanted, ({ ref }) => ref.version ?? 0).values()];
  return alike.flatMap((group) => {
    const paths = [...new Set(group.map(({ ref }) => ref.path))];
    const count = Math.ceil(paths.length / many['at-most']);
    return Array.from({ length: count }, (_, index) => {
      const some = new Set(paths.slice(index * many['at-most'], (index + 1) * many['at-most']));
      return group.filter(({ ref }) => some.has(ref.path));
    });
  });
}

/** The values of a request that names these. */
export function batchValues(batch: readonly Wanted[]): Values {
  const paths = [...new Set(batch.map(({ ref }) => ref.path))];
  return withValues(batch[0]?.values ?? new Map(), { paths });
}

type Run = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * One request; when the server refuses all of it because of some, halves of it, until it is known which. Both halves are
 * asked for at the same time.
 */
async function readBatch(
  sender: Sender,
  many: FetchMany,
  batch: readonly Wanted[],
  run: Run,
): Promise<readonly Outcome[]> {
  const verdict = await run(() => sendFetching(sender, many.request, batchValues(batch)));
  if (verdict.kind === 'ok') return batchOutcomes(sender, many, batch, verdict);
  const paths = [...new Set(batch.map(({ ref }) => ref.path))];
  if (paths.length <= 1) {
    const refusal = refusalOf(verdict, 'it may not be read', 'it does not exist');
    return batch.map(({ ref }) => ({ ref, ...refusal }));
  }
  const half = new Set(paths.slice(0, Math.ceil(paths.length / 2)));
  const [left, right] = [batch.filter(({ ref }) => half.has(ref.path)), batch.filter(({ ref }) => !half.has(ref.path))];
  const read = await allOf([readBatch(sender, many, left, run), readBatch(sender, many, right, run)]);
  return read.flat();
}

function batchOutcomes(_sender: Sender, many: FetchMany, batch: readonly Wanted[], accepted: Accepted): Outcome[] {
  const refused = refusedIn(many, accepted);
  const found = entriesIn(many.entries, [accepted], batch[0]?.values ?? new Map());
  return batch.map((one) => {
    const key = openText(many.key, one.values) ?? '';
    const entry = found.get(key);
    if (entry !== undefined) return outcomeOf(one, entry, many);
    const why = refused.get(key);
    if (why !== undefined) return { ref: one.ref, ...why };
    if (many.absent === 'refuse') throw unexpected(accepted.answer, `lacks ${quoted(key)}, which was asked for`);
    return { ref: one.ref, refusal: 'missing', reason: 'it does not exist' };
  });
}

/** What the answer says of those that it does not bring, by key. */
function refusedIn({ refused }: FetchMany, { answer, json }: Accepted): ReadonlyMap<string, Refusal> {
  if (refused === undefined || json === undefined) return new Map();
  return reading(answer, () => {
    const list = valueAt(json, refused.list, () => undefined);
    if (list === undefined) return new Map();
    if (list.kind !== 'array') throw unexpected(answer, `has no list in ${shownPath(refused.list)}`);
    const pairs = list.items.map((item): [string, Refusal] => {
      const name = plainText(valueAt(item, refused.name, () => undefined));
      const code = plainText(valueAt(item, refused.code, () => undefined)) ?? '';
      const isMissing = refused.missing.includes(code);
      if (name === undefined || !(isMissing || refused.forbidden.includes(code))) {
        throw unexpected(answer, `has an error that the recipe does not know: ${quoted(code)}`);
      }
      const reason = `${isMissing ? 'it does not exist' : 'it may not be read'}: ${quoted(code)}`;
      return [name, { refusal: isMissing ? 'missing' : 'forbidden', reason }];
    });
    return new Map(pairs);
  });
}

/** Everything of each place that the references are in, one place after another's first page. */
export async function fetchAll(sender: Sender, all: FetchAll, wanted: readonly Wanted[]): Promise<readonly Outcome[]> {
  const read = await inLanes(placesIn(all, wanted), AT_ONCE, async (group) => {
    const [first] = group;
    if (first === undefined) return [];
    const pages = await allPages(sender, all, first.values);
    if ('refusal' in pages) return group.map(({ ref }) => ({ ref, ...pages }));
    const found = entriesIn(all.entries, pages.accepted, first.values);
    return group.map((one): Outcome => {
      const entry = found.get(openText(all.key, one.values) ?? '');
      if (entry !== undefined) return outcomeOf(one, entry, all);
      return { ref: one.ref, refusal: 'missing', reason: 'it does not exist' };
    });
  });
  return read.flat();
}

/** The references whose values are asked for, and looked for, in the same way: nothing of one stands in for another's. */
export function placesIn(all: FetchAll, wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  const names = [...new Set(placeNames(all))];
  const key = ({ values }: Wanted): string =>
    JSON.stringify(names.map((name) => openValue(values)({ name, filter: undefined })));
  return [...Map.groupBy(wanted, key).values()];
}

/** One value of an answer that holds several. */
interface Entry {
  readonly json: Json;
  readonly place: Entries;
  readonly answer: HttpAnswer;
}

/** All values of these answers by name. Of several places, the first that has a name counts. */
function entriesIn(places: readonly Entries[], pages: readonly Accepted[], values: Values): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const [index, place] of places.entries()) {
    const here = new Map<string, Entry>();
    for (const page of pages) {
      for (const [name, json] of namedIn(place, page, { values, isRequired: index === 0 })) {
        const isThere = here.has(name);
        if (isThere && place.duplicates === 'refuse') throw unexpected(page.answer, `holds ${quoted(name)} twice`);
        if (!isThere || place.duplicates === 'last') here.set(name, { json, place, answer: page.answer });
      }
    }
    for (const [name, entry] of here) if (!found.has(name)) found.set(name, entry);
  }
  return found;
}

interface Circumstances {
  readonly values: Values;
  /** Whether an answer without this place is none. */
  readonly isRequired: boolean;
}

function namedIn(
  place: Entries,
  { answer, json }: Accepted,
  { values, isRequired }: Circumstances,
): readonly (readonly [string, Json])[] {
  if (json === undefined) throw unexpected(answer, 'is not read as JSON, which the recipe takes values from');
  return reading(answer, () => {
    const words = openValue(values);
    const { map, list, name: namePath } = place;
    if (map !== undefined) {
      const object = valueAt(json, map, words);
      if (object === undefined && !isRequired) return [];
      if (object?.kind !== 'object') throw unexpected(answer, `has no map in ${shownPath(map)}`);
      if (object.repeated.size > 0) throw unexpected(answer, 'names a secret twice');
      return [...object.members];
    }
    return itemsOf(json, list ?? [], answer, { values, isRequired }).map((item) => {
      const name = plainText(namePath && valueAt(item, namePath, words));
      if (name === undefined) throw unexpected(answer, `has an entry without a name in ${shownPath(list ?? [])}`);
      return [name, item] as const;
    });
  });
}

function itemsOf(
  json: Json,
  list: JsonPath,
  answer: HttpAnswer,
  { values, isRequired }: Circumstances,
): readonly Json[] {
  const found = valuesAt(json, list, openValue(values));
  if (list.at(-1)?.kind === 'each') return found;
  const [array] = found;
  if (array === undefined && !isRequired) return [];
  if (array?.kind !== 'array') throw unexpected(answer, `has no list in ${shownPath(list)}`);
  return array.items;
}

type How = Pick<FetchAll, 'decode' | 'structured'>;

function outcomeOf({ ref, values, rest }: Wanted, { json, place, answer }: Entry, how: How): Outcome {
  return reading(answer, (): Outcome => {
    if (isWithheld(place.withheld, json, values)) return { ref, ...WITHHELD };
    const found = firstAt(json, place.value, openValue(values));
    if (found === undefined) throw unexpected(answer, `has no value for ${quoted(ref.path)}`);
    if (isNull(found)) return { ref, ...WITHHELD };
    return { ref, value: new Sensitive(bytesOf(found, how, values, answer)), rest };
  });
}
