import type { Position, TreeNode } from '../../lib/tree.ts';

/**
 * Where in a recipe's text the key stands that a fault is about (`login[0].request.query.role`), or the nearest block
 * above it that is written there.
 */
export function placeIn(recipe: TreeNode, key: string): Position {
  let node = recipe;
  let { at } = recipe;
  for (let rest = key; rest !== '';) {
    const step = stepInto(node, rest);
    if (step === undefined) return at;
    ({ node, at, rest } = step);
  }
  return node.kind === 'scalar' ? node.at : at;
}

interface Step {
  readonly node: TreeNode;
  readonly at: Position;
  /** What of the key is left. */
  readonly rest: string;
}

function stepInto(node: TreeNode, rest: string): Step | undefined {
  const [index, digits] = /^\[([0-9]+)\]\.?/.exec(rest) ?? [];
  if (index !== undefined) {
    const after = rest.slice(index.length);
    // The paths of an output that is a block.
    const paths = node.kind === 'map' ? node.entries.get('json') : undefined;
    if (paths !== undefined) return { node: paths.value, at: paths.at, rest };
    // A single one may stand without a list.
    if (node.kind !== 'list') return { node, at: node.at, rest: after };
    const item = node.items[Number(digits)];
    return item && { node: item, at: item.at, rest: after };
  }
  if (node.kind !== 'map') return undefined;
  // Names of a recipe's own maps may have dots in them.
  const [found] = [...node.entries.keys()]
    .filter((name) => rest === name || rest.startsWith(`${name}.`) || rest.startsWith(`${name}[`))
    .toSorted((left, right) => right.length - left.length);
  const entry = found === undefined ? undefined : node.entries.get(found);
  return entry && { node: entry.value, at: entry.at, rest: rest.slice(found?.length).replace(/^\./, '') };
}
