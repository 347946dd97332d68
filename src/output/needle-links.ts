import type { NeedleSet } from './needle-set.ts';

/** No needle. */
export const NONE = -1;

/** All needles whose first `depth` bytes are the same, from `low` to before `high`. */
interface Beginning {
  depth: number;
  low: number;
  high: number;
}

/** Numbers that are kept for each beginning of a needle. */
const WIDTH = 4;
const FIRST_SIZE = 8;

/** The links of one needle: for the beginning of each length, where the longest one within it is. */
interface Path {
  readonly index: number;
  /** Lengths that are known. */
  known: number;
  /** For each length: depth, low and high of the link, and the longest whole needle within, or `NONE`. */
  links: Int32Array;
  /** Where the search for the next link has come to, and whether that is the link. */
  readonly at: Beginning;
  isFound: boolean;
}

/** A path that must be known up to some length. */
interface Wanted {
  readonly path: Path;
  readonly depth: number;
}

/** Links between the beginnings of needles, found when they are first asked for: in time linear in the bytes of those. */
export class NeedleLinks {
  readonly #set: NeedleSet;
  readonly #paths = new Map<number, Path>();

  constructor(set: NeedleSet) {
    this.#set = set;
  }

  /** Moves to the longest beginning that is a proper end of the first `depth` bytes of this needle. */
  follow(to: Beginning, index: number, depth: number): void {
    if (depth > 1) return copy(this.#pathTo(index, depth).links, depth, to);
    to.depth = 0;
    to.low = 0;
    to.high = this.#set.count;
  }

  /** The longest needle that is a proper end of the first `depth` bytes of this one, or `NONE`. */
  within(index: number, depth: number): number {
    return depth > 1 ? (this.#pathTo(index, depth).links[depth * WIDTH + 3] ?? NONE) : NONE;
  }

  #pathTo(index: number, depth: number): Path {
    const path = this.#pathOf(index);
    // No recursion: each link may need one of another needle, and that one of a third.
    const wanted: Wanted[] = [{ path, depth }];
    for (let last = wanted.at(-1); last !== undefined; last = wanted.at(-1)) {
      if (last.path.known >= last.depth) {
        wanted.pop();
        continue;
      }
      const missing = this.#extend(last.path);
      if (missing !== undefined) wanted.push(missing);
    }
    return path;
  }

  #pathOf(index: number): Path {
    const known = this.#paths.get(index);
    if (known !== undefined) return known;
    const at = { depth: 0, low: 0, high: this.#set.count };
    const path: Path = { index, known: 1, links: new Int32Array(FIRST_SIZE * WIDTH), at, isFound: false };
    put(path, 1, NONE);
    this.#paths.set(index, path);
    return path;
  }

  /** Finds the next link of this path, or says which path must be known first. */
  #extend(path: Path): Wanted | undefined {
    const { at, index, known } = path;
    const byte = this.#set.pool[this.#set.at(index) + known] ?? 0;
    while (!path.isFound && !this.#set.descend(at, byte) && at.depth > 0) {
      const other = this.#pathOf(at.low);
      if (other.known < at.depth) return { path: other, depth: at.depth };
      this.#set.work.steps++;
      copy(other.links, at.depth, at);
    }
    path.isFound = true;
    let needle = at.depth > 0 && this.#set.lengthOf(at.low) === at.depth ? at.low : NONE;
    if (needle === NONE && at.depth > 0) {
      const other = this.#pathOf(at.low);
      if (other.known < at.depth) return { path: other, depth: at.depth };
      needle = other.links[at.depth * WIDTH + 3] ?? NONE;
    }
    this.#set.work.steps++;
    put(path, known + 1, needle);
    return undefined;
  }
}

function put(path: Path, length: number, needle: number): void {
  const { at } = path;
  if ((length + 1) * WIDTH > path.links.length) {
    const grown = new Int32Array(path.links.length * 2);
    grown.set(path.links);
    path.links = grown;
  }
  path.links.set([at.depth, at.low, at.high, needle], length * WIDTH);
  path.known = length;
  path.isFound = false;
}

function copy(links: Int32Array, length: number, to: Beginning): void {
  to.depth = links[length * WIDTH] ?? 0;
  to.low = links[length * WIDTH + 1] ?? 0;
  to.high = links[length * WIDTH + 2] ?? 0;
}
