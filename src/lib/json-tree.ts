import { type Json, JsonFault, parseJson } from './json.ts';
import type { Entry, Position, TreeNode } from './tree.ts';

/**
 * The tree of a text that is JSON, as rehearsals and generators write it: every YAML reader would make the same of it,
 * and this one is already loaded. Undefined for everything else, and for what the YAML reader has something to say
 * about: then that one reads it.
 */
export function readJson(text: string): TreeNode | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return convert(parseJson(text), positionsIn(text));
  } catch (error) {
    if (error instanceof JsonFault || error instanceof Unusual) return undefined;
    throw error;
  }
}

/** JSON that YAML reads differently or calls a fault. */
class Unusual extends Error {}

type Locate = (offset: number) => Position;

function convert(json: Json, locate: Locate): TreeNode {
  const at = locate(json.start);
  if (json.kind === 'string') return { kind: 'scalar', value: json.value, source: json.value, at };
  if (json.kind === 'number') return { kind: 'scalar', value: Number(json.text), source: json.text, at };
  if (json.kind === 'literal') return { kind: 'scalar', value: json.value, source: String(json.value), at };
  if (json.kind === 'array') return { kind: 'list', items: json.items.map((item) => convert(item, locate)), at };
  if (json.repeated.size > 0 || json.members.has('')) throw new Unusual();
  const entries = [...json.members].map(([key, value]): [string, Entry] => [
    key,
    { at: locate(json.nameStarts.get(key) ?? json.start), value: convert(value, locate) },
  ]);
  return { kind: 'map', entries: new Map(entries), at };
}

/** Line and column of an offset. */
function positionsIn(text: string): Locate {
  const starts = [0, ...[...text.matchAll(/\n/g)].map((found) => found.index + 1)];
  return (offset) => {
    // The last line that begins at or before the offset is in [low, high).
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
