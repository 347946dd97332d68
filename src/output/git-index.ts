import path from 'node:path';
import { unlessSystem } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';

type World = Pick<Runtime, 'fs'>;

/** A git work tree and where git keeps its state. */
export interface WorkTree {
  readonly root: string;
  /** The directory that holds its index. */
  readonly gitDirectory: string;
}

/** The git work tree that a directory (its real path) is in, found as git finds it; undefined when it is in none. */
export function findWorkTree(directory: string, world: World): WorkTree | undefined {
  const { fs } = world;
  let root = directory;
  for (;;) {
    // Inside a repository's own directory there is no work tree.
    if (path.basename(root) === '.git') return undefined;
    const entry = path.join(root, '.git');
    const stats = unlessSystem(() => fs.statSync(entry));
    if (stats?.isDirectory() === true) return { root, gitDirectory: entry };
    if (stats?.isFile() === true) return { root, gitDirectory: linkedDirectory(root, entry, world) };
    const above = path.dirname(root);
    if (above === root) return undefined;
    root = above;
  }
}

/** Where the `.git` file of a linked work tree or a submodule points. */
function linkedDirectory(root: string, entry: string, { fs }: World): string {
  const text = unlessSystem(() => fs.readFileSync(entry, 'utf8')) ?? '';
  const target = /^gitdir: (.+)$/m.exec(text)?.[1];
  return target === undefined ? entry : path.resolve(root, target);
}

const NAME_LENGTH_BITS = 0xfff;

/**
 * Whether the index has an entry of that path (relative to the work tree, with slashes), by a look at its bytes: for
 * machines without a git program. Knows versions 2 and 3 of the index (gitformat-index), where each path stands in
 * full behind its flags, the length among them; false in version 4, which shortens paths.
 */
export function isInIndex(workTree: WorkTree, file: string, { fs }: World): boolean {
  const index = unlessSystem(() => fs.readFileSync(path.join(workTree.gitDirectory, 'index')));
  if (index === undefined) return false;
  const name = Buffer.from(`${file}\0`);
  const length = Math.min(name.length - 1, NAME_LENGTH_BITS);
  for (let at = index.indexOf(name); at !== -1; at = index.indexOf(name, at + 1)) {
    const isLength = (place: number): boolean =>
      place >= 0 && (index.readUInt16BE(place) & NAME_LENGTH_BITS) === length;
    // Version 3 may have a second pair of bytes between the flags and the path.
    if (isLength(at - 2) || isLength(at - 4)) return true;
  }
  return false;
}
