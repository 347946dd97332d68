import { unexpected } from '../../lib/answer.ts';
import { inLanes } from '../../lib/lanes.ts';
import { type Json, type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { type Api, rejected } from './api.ts';
import { type Found, type Item, missing, refusedBy } from './outcomes.ts';
import type { WantedParameter, WantedTree } from './references.ts';

/** Names of one GetParameters, and parameters of one page (pam-cloud.md, 4.1). */
export const MOST_PARAMETERS = 10;

/** A subtree of ten thousand parameters. */
const MOST_PAGES = 1000;

/** Requests under way at the same time, when a batch was refused as one. */
const AT_ONCE = 8;

/**
 * Reads some parameters at once. One that may not be read has all of them refused: then each is asked for alone. Throws
 * BAD_REQUEST and what the call throws.
 */
export async function readParameters(
  api: Api,
  items: readonly Item<WantedParameter>[],
): Promise<ReadonlyMap<Item<WantedParameter>, Found>> {
  const reply = await api.call('ssm', 'GetParameters', {
    Names: items.map(({ one }) => nameOf(one)),
    WithDecryption: true,
  });
  if ('json' in reply) return parametersIn(reply.json, items, reply.answer.request);
  const alone = await inLanes(items, AT_ONCE, async (item) => [item, await readParameter(api, item)] as const);
  return new Map(alone);
}

/** By another right than the batch's: a job may have only one of the two. */
async function readParameter(api: Api, item: Item<WantedParameter>): Promise<Found> {
  const reply = await api.call('ssm', 'GetParameter', { Name: nameOf(item.one), WithDecryption: true });
  if ('json' in reply) {
    const parameter = member(reply.json, 'Parameter');
    if (parameter?.kind !== 'object') throw unexpected(reply.answer, 'holds no parameter');
    if (!isOf(parameter, item.one)) throw unexpected(reply.answer, 'holds another parameter');
    return valueIn(parameter, item.one, reply.answer.request);
  }
  const refused = refusedBy(reply.failure);
  if (refused === undefined) throw rejected(reply.answer, reply.failure);
  if (!('refusal' in refused) || refused.refusal !== 'forbidden') return refused;
  return (await readByBatchRight(api, item)) ?? refused;
}

async function readByBatchRight(api: Api, item: Item<WantedParameter>): Promise<Found | undefined> {
  const names = [nameOf(item.one)];
  const reply = await api.call('ssm', 'GetParameters', { Names: names, WithDecryption: true });
  return 'json' in reply ? parametersIn(reply.json, [item], reply.answer.request).get(item) : undefined;
}

/** All parameters below a path, as one JSON object from what follows the path to the value. */
export async function readTree(api: Api, { one }: Item<WantedTree>): Promise<Found> {
  const values = new Map<string, string>();
  let next: string | undefined;
  for (let pages = 0; ; pages++) {
    const reply = await api.call('ssm', 'GetParametersByPath', {
      Path: one.path,
      Recursive: true,
      WithDecryption: true,
      MaxResults: MOST_PARAMETERS,
      ...(next !== undefined && { NextToken: next }),
    });
    if ('failure' in reply) {
      const refused = refusedBy(reply.failure);
      if (refused === undefined) throw rejected(reply.answer, reply.failure);
      return refused;
    }
    const { request } = reply.answer;
    for (const [name, value] of branchesIn(reply.json, one, request)) values.set(name, value);
    const token = textMember(reply.json, 'NextToken') ?? '';
    if (token === '') return treeOf(one, values);
    // A page may be empty and not the last one.
    if (token === next || pages === MOST_PAGES) throw unexpected({ request }, 'goes on without end');
    next = token;
  }
}

function branchesIn(json: JsonObject, { path }: WantedTree, request: string): readonly (readonly [string, string])[] {
  return listIn(json, 'Parameters', request).map((parameter) => {
    const name = textMember(parameter, 'Name') ?? '';
    const value = textMember(parameter, 'Value');
    if (name.startsWith(`${path}/`) && value?.isWellFormed() === true) return [name, value];
    throw unexpected({ request }, 'holds a parameter that was not asked for');
  });
}

function treeOf({ path }: WantedTree, values: ReadonlyMap<string, string>): Found {
  if (values.size === 0) return missing('there are no parameters below this path');
  const names = [...values.keys()].toSorted();
  // Written by hand: an object would put names that are numbers first, and "__proto__" nowhere.
  const members = names.map((name) => {
    return `${JSON.stringify(name.slice(path.length + 1))}:${JSON.stringify(values.get(name))}`;
  });
  return { value: new Sensitive(`{${members.join(',')}}`) };
}

/** What GetParameters answered, in whichever order. */
function parametersIn(
  json: JsonObject,
  items: readonly Item<WantedParameter>[],
  request: string,
): ReadonlyMap<Item<WantedParameter>, Found> {
  const parameters = listIn(json, 'Parameters', request);
  const invalid = member(json, 'InvalidParameters');
  const unknown = invalid?.kind === 'array' ? invalid.items : [];
  const found = new Map<Item<WantedParameter>, Found>();
  for (const item of items) {
    const parameter = parameters.find((one) => isOf(one, item.one));
    const isUnknown = unknown.some((name) => name.kind === 'string' && name.value === nameOf(item.one));
    if (parameter === undefined && !isUnknown) throw unexpected({ request }, 'says nothing of one of the names');
    found.set(
      item,
      parameter === undefined
        ? missing('AWS knows no such parameter, or no such version')
        : valueIn(parameter, item.one, request),
    );
  }
  return found;
}

function listIn(json: JsonObject, name: string, request: string): readonly JsonObject[] {
  const list = member(json, name);
  if (list?.kind !== 'array' || json.repeated.has(name)) throw unexpected({ request }, `has no clear "${name}"`);
  return list.items.map((item) => {
    if (item.kind !== 'object') throw unexpected({ request }, `has no clear "${name}"`);
    return item;
  });
}

/** One request asks for each name once, so the name alone says which one an entry is. */
function isOf(parameter: Json, { id }: WantedParameter): boolean {
  return textMember(parameter, 'Name') === id || textMember(parameter, 'ARN') === id;
}

function valueIn(parameter: JsonObject, { selector }: WantedParameter, request: string): Found {
  const value = parameter.repeated.has('Value') ? undefined : textMember(parameter, 'Value');
  if (value === undefined) throw unexpected({ request }, 'holds a parameter without a value');
  // Such a text has no UTF-8 form: writing it would put another character in its place.
  if (!value.isWellFormed()) throw unexpected({ request }, 'holds a value with half a character (a lone surrogate)');
  const version = numberMember(parameter, 'Version');
  // A label is no number, and what it stands for only the service knows.
  if (/^:[0-9]+$/.test(selector) && version !== Number(selector.slice(1))) {
    throw unexpected({ request }, 'holds another version than was asked for');
  }
  return { value: new Sensitive(value), ...(version !== undefined && { version: `${version}` }) };
}

/** As it is asked for. */
function nameOf({ id, selector }: WantedParameter): string {
  return `${id}${selector}`;
}
