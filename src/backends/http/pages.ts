import { unexpected } from '../../lib/answer.ts';
import { type Accepted, reading } from './answers.ts';
import { type Refusal, refusalOf, sendFetching } from './fetching.ts';
import { type JsonPath, plainText, shownPath, valueAt, valuesAt } from './json-path.ts';
import type { FetchAll, Pages } from './recipe.ts';
import type { Sender } from './sender.ts';
import { openValue, type Values, withValues } from './values.ts';

/** Every page of a list, a bounded number of them. Throws UNEXPECTED_ANSWER for a list that goes round in a circle or does not end. */
export async function allPages(
  sender: Sender,
  { request, pages, entries }: Pick<FetchAll, 'request' | 'pages' | 'entries'>,
  values: Values,
): Promise<{ readonly accepted: readonly Accepted[] } | Refusal> {
  const accepted: Accepted[] = [];
  const seen = new Set<string>();
  for (let turn: Turn = { index: 0 }; ;) {
    const known = pageValues(pages, turn, values);
    const verdict = await sendFetching(sender, request, known, turn.link);
    if (verdict.kind !== 'ok') return refusalOf(verdict, 'the place may not be read', 'the place does not exist');
    accepted.push(verdict);
    const next = pages === undefined ? undefined : nextTurn(pages, turn, verdict, entries[0]?.list);
    if (pages === undefined || next === undefined) return { accepted };
    const mark = next.link ?? next.next ?? `${next.index}`;
    if (seen.has(mark)) throw unexpected(verdict.answer, 'names a next page that was read already');
    if (accepted.length >= pages['at-most']) throw unexpected(verdict.answer, `goes on after ${accepted.length} pages`);
    seen.add(mark);
    turn = next;
  }
}

/** Which page is asked for. */
interface Turn {
  /** 0 for the first. */
  readonly index: number;
  readonly next?: string;
  readonly link?: string;
}

/** What the first page is asked for with, for plans. */
export function firstPageValues(pages: Pages | undefined, values: Values): Values {
  return pageValues(pages, { index: 0 }, values);
}

function pageValues(pages: Pages | undefined, { index, next }: Turn, values: Values): Values {
  if (pages === undefined) return values;
  if (pages.by === 'offset') return withValues(values, { offset: `${pages.from + index * pages.size}` });
  if (pages.by === 'page') return withValues(values, { page: `${pages.from + index}` });
  return withValues(values, { next });
}

/** The page after this one; undefined when it was the last. */
function nextTurn(pages: Pages, { index }: Turn, accepted: Accepted, list: JsonPath | undefined): Turn | undefined {
  if (pages.by !== undefined) {
    return countIn(accepted, list) < pages.size ? undefined : { index: index + 1 };
  }
  const text = wordIn(pages.link ?? pages.next ?? [], accepted);
  if (text === undefined || text === '') return undefined;
  return pages.link === undefined ? { index: index + 1, next: text } : { index: index + 1, link: text };
}

function wordIn(paths: readonly JsonPath[], { answer, json }: Accepted): string | undefined {
  if (json === undefined) return undefined;
  return reading(answer, () => {
    const found = paths.map((path) => valueAt(json, path, () => undefined)).find((one) => one !== undefined);
    if (found === undefined || (found.kind === 'literal' && found.value === false)) return undefined;
    const text = plainText(found);
    if (text === undefined) throw unexpected(answer, 'has no text where the recipe looks for the next page');
    return text;
  });
}

function countIn({ answer, json }: Accepted, list: JsonPath | undefined): number {
  if (json === undefined || list === undefined) throw unexpected(answer, 'has no list to count pages by');
  const [array] = reading(answer, () => valuesAt(json, list, openValue(new Map())));
  if (array?.kind !== 'array') throw unexpected(answer, `has no list in ${shownPath(list)}`);
  return array.items.length;
}
