/** Where in a text something stands, line and column from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** The text it is in, as messages name it, where that is not the configuration file. */
  readonly file?: string;
}

/** A value of YAML or JSON and where it stands, free of whatever library read it. */
export type TreeNode = ScalarNode | ListNode | MapNode;

interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As it is written, without quotes: `007` for the number 7. */
  readonly source: string;
  readonly at: Position;
}

interface ListNode {
  readonly kind: 'list';
  readonly items: readonly TreeNode[];
  readonly at: Position;
}

/** A map; of a key that stands twice the last value counts. */
export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly at: Position;
}

/** One key and its value. */
export interface Entry {
  /** Where the key stands. */
  readonly at: Position;
  readonly value: TreeNode;
}

/** The value at these keys, or undefined when there is none. */
export function nodeAt(node: TreeNode | undefined, keys: readonly string[]): TreeNode | undefined {
  let current = node;
  for (const key of keys) current = current?.kind === 'map' ? current.entries.get(key)?.value : undefined;
  return current;
}

/** The entries of a map; none of anything else. */
export function entriesOf(node: TreeNode | undefined): readonly (readonly [string, Entry])[] {
  return node?.kind === 'map' ? [...node.entries] : [];
}

/** The text of a string scalar, or undefined. */
export function textOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/** Whether it is nothing: `null`, `~` or no text at all. */
export function isNull(node: TreeNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

/** A map with some entries put in or replaced and some keys left out. */
export function changed(map: MapNode, put: Iterable<readonly [string, Entry]>, drop: readonly string[] = []): MapNode {
  const kept = [...map.entries].filter(([key]) => !drop.includes(key));
  return { ...map, entries: new Map([...kept, ...put]) };
}
