import { inLanes } from '../../lib/lanes.ts';
import type { Outcome } from '../types.ts';
import type { Api, HoldingService } from './api.ts';
import { type Found, type Item, itemsOf, outcomesOf } from './outcomes.ts';
import { MOST_PARAMETERS, readParameters, readTree } from './parameters.ts';
import type { Wanted, WantedParameter, WantedSecret, WantedTree } from './references.ts';
import { MOST_SECRETS, readBatch, readSecret } from './secrets-manager.ts';

/** Requests under way at the same time. */
const AT_ONCE = 8;

/** One piece of work: one request, unless it is refused or goes on for pages. */
export type Read =
  | { readonly kind: 'secret'; readonly item: Item<WantedSecret> }
  | { readonly kind: 'secrets'; readonly items: readonly Item<WantedSecret>[] }
  | { readonly kind: 'parameters'; readonly items: readonly Item<WantedParameter>[] }
  | { readonly kind: 'tree'; readonly item: Item<WantedTree> };

/** As few reads as bring all of these. */
export function readsFor(wanted: readonly Wanted[], inBatches: boolean): readonly Read[] {
  return [
    ...secretReads(
      wanted.filter((one) => one.kind === 'secret'),
      inBatches,
    ),
    ...parameterReads(wanted.filter((one) => one.kind === 'parameter')),
    ...itemsOf(
      wanted.filter((one) => one.kind === 'tree'),
      ({ path }) => path,
    ).map((item) => ({ kind: 'tree', item }) as const),
  ];
}

/** The service that a read asks, and the references that it brings. */
export function aboutRead(read: Read): { readonly service: HoldingService; readonly names: readonly string[] } {
  const items: readonly Item[] = 'items' in read ? read.items : [read.item];
  const isSecret = read.kind === 'secret' || read.kind === 'secrets';
  return {
    service: isSecret ? 'secretsmanager' : 'ssm',
    names: items.flatMap(({ all }) => all.map(({ ref }) => ref.name)),
  };
}

/** What all of these bring, in no order. */
export async function readAll(api: Api, reads: readonly Read[]): Promise<readonly Outcome[]> {
  return (await inLanes(reads, AT_ONCE, (read) => perform(api, read))).flat();
}

async function perform(api: Api, read: Read): Promise<readonly Outcome[]> {
  if (read.kind === 'secret') return outcomesOf(read.item, await readSecret(api, read.item));
  if (read.kind === 'tree') return outcomesOf(read.item, await readTree(api, read.item));
  if (read.kind === 'parameters') return everyone(await readParameters(api, read.items));
  const found = await readBatch(api, read.items);
  const open = read.items.filter((item) => !found.has(item));
  const alone = await inLanes(open, AT_ONCE, async (item) => [item, await readSecret(api, item)] as const);
  return everyone(new Map([...found, ...alone]));
}

function everyone(found: ReadonlyMap<Item, Found>): readonly Outcome[] {
  return [...found].flatMap(([item, one]) => outcomesOf(item, one));
}

/** A batch has no versions (pam-cloud.md, 4.1), and for one alone there is no need of the right to read in batches. */
function secretReads(wanted: readonly WantedSecret[], inBatches: boolean): Read[] {
  const items = itemsOf(wanted, ({ id, stage, versionId }) => JSON.stringify([id, stage, versionId]));
  const batched = inBatches ? chunks(items.filter(isPlain), MOST_SECRETS) : [];
  const batches = batched.filter((chunk) => chunk.length > 1);
  const singles = items.filter((item) => !batches.some((batch) => batch.includes(item)));
  return [
    ...batches.map((chunk): Read => ({ kind: 'secrets', items: chunk })),
    ...singles.map((item): Read => ({ kind: 'secret', item })),
  ];
}

/** Two versions of one parameter go into two requests: their answers would not be told apart. */
function parameterReads(wanted: readonly WantedParameter[]): Read[] {
  const rounds: Item<WantedParameter>[][] = [];
  for (const item of itemsOf(wanted, ({ id, selector }) => `${id}${selector}`)) {
    const round = rounds.find((one) => one.every((other) => other.one.id !== item.one.id));
    if (round === undefined) rounds.push([item]);
    else round.push(item);
  }
  return rounds.flatMap((round) => chunks(round, MOST_PARAMETERS)).map((items) => ({ kind: 'parameters', items }));
}

function isPlain({ one }: Item<WantedSecret>): boolean {
  return one.stage === undefined && one.versionId === undefined;
}

function chunks<One>(items: readonly One[], size: number): readonly (readonly One[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => {
    return items.slice(index * size, (index + 1) * size);
  });
}
