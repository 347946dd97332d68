export type { Entry, MapNode, TreeNode as FileNode } from '../lib/tree.ts';
export { changed, entriesOf, isNull, nodeAt, textOf } from '../lib/tree.ts';
