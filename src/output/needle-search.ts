import { isWordByte, type Match, type NeedleSet } from './needle-set.ts';
import { bitOf, Bits } from './needle-bits.ts';
import { GramLists, isLast, MOST_STEMS, NONE, offsetIn, sideIn, stemIn } from './needle-grams.ts';
import { Stems } from './needle-stems.ts';

/** What stands around a chunk that is searched. */
export interface Surroundings {
  /** Place of its first byte in the stream. */
  readonly place: number;
  /** The byte before it; undefined at the beginning of the stream. */
  readonly before: number | undefined;
}

/**
 * Adds the needles that lie in the chunk as a whole to the matches; a word at its very end is not decided here. False
 * when it gave up, because of too many long needles that are much like the chunk: then some may be missing.
 */
export type Search = (chunk: Buffer, around: Surroundings, matches: Match[]) => boolean;

/** So many bytes may be compared for each byte of a chunk: it takes as long as to take them one by one. */
export const MOST_COMPARED = 256;

/** Bytes of one probe. */
const GRAM = 4;
/** Needles of fewer bytes have no window that holds an aligned probe for certain. */
const SHORTEST_WINDOW = 7;
const LONGEST_STRIDE = 32;
/** So many needles are looked for, or compared, one by one. */
const FEW = 8;
/** The offsets of runs of four bytes are less than this. */
const OFFSETS = 512;
/** Above this the stride becomes shorter, so that the tables stay small: some ten bytes for each run of four bytes. */
const MOST_GRAMS = 1 << 18;

/**
 * A search for these needles. Its tables are made when it has searched so many bytes without them: most jobs do not say
 * more, and need not wait for tables.
 */
export function compileSearch(set: NeedleSet, withoutTables = 0): Search {
  let searched = 0;
  let simple: Finder | undefined;
  let finders: readonly Finder[] | undefined;
  return (chunk, around, matches) => {
    const most = set.work.compared + MOST_COMPARED * chunk.length;
    const finding = { chunk, around, matches, most };
    if (searched < withoutTables) {
      searched += chunk.length;
      simple ??= new Stepwise(set, Infinity);
      simple.find(finding);
    } else {
      simple = undefined;
      finders ??= findersFor(set);
      for (const finder of finders) finder.find(finding);
    }
    return set.work.compared <= most;
  };
}

/** Finds some of the needles. */
interface Finder {
  find(finding: Finding): void;
}

function findersFor(set: NeedleSet): readonly Finder[] {
  const short: number[] = [];
  let shortest = LONGEST_STRIDE + GRAM - 1;
  for (let index = 0; index < set.count; index++) {
    const length = set.lengthOf(index);
    if (length < SHORTEST_WINDOW) short.push(index);
    else shortest = Math.min(shortest, length);
  }
  const long = set.count - short.length;
  return [
    ...(long > 0 ? stridesOf(set, shortest, long) : []),
    ...(short.length > FEW ? [new Stepwise(set, SHORTEST_WINDOW)] : short.map((index) => new Single(set, index))),
  ];
}

/** One, but for millions of stems. */
function stridesOf(set: NeedleSet, shortest: number, count: number): readonly Stride[] {
  const most = Math.max(MOST_GRAMS / count, SHORTEST_WINDOW - GRAM + 1);
  const stems = new Stems(set, Math.min(shortest - GRAM + 1, most) & ~3);
  const parts = Array.from({ length: Math.ceil(stems.count / MOST_STEMS) }, (_, part) => part * MOST_STEMS);
  return parts.map((from) => new Stride(set, stems, from));
}

interface Finding {
  readonly chunk: Buffer;
  readonly around: Surroundings;
  readonly matches: Match[];
  /** What `work.compared` of the set may come to. */
  readonly most: number;
}

/** A single needle, by the search of Node. */
class Single {
  readonly #set: NeedleSet;
  readonly #index: number;

  constructor(set: NeedleSet, index: number) {
    this.#set = set;
    this.#index = index;
  }

  find(finding: Finding): void {
    const { chunk } = finding;
    const bytes = this.#set.pool.subarray(this.#set.at(this.#index), this.#set.at(this.#index + 1));
    for (let at = chunk.indexOf(bytes); at !== -1; at = chunk.indexOf(bytes, at + 1))
      accept(this.#set, this.#index, at, finding);
  }
}

/** Adds a needle that is here, unless it is a word and this is a part of a longer one, or it is not known yet. */
function accept(set: NeedleSet, index: number, at: number, { chunk, around, matches }: Finding): void {
  if (set.isWord(index)) {
    const end = at + set.lengthOf(index);
    if (end === chunk.length || isWordByte(chunk[end])) return;
    if (isWordByte(at === 0 ? around.before : chunk[at - 1])) return;
  }
  matches.push(set.matchOf(index, around.place + at));
}

/** Looks at each place whether a needle of fewer bytes than that begins there. */
class Stepwise {
  readonly #set: NeedleSet;
  /** The first four bytes of each. */
  readonly #bits: Bits;

  constructor(set: NeedleSet, below: number) {
    this.#set = set;
    this.#bits = new Bits(set.count);
    for (let index = 0; index < set.count; index++) {
      const at = set.at(index);
      if (set.lengthOf(index) < below) this.#bits.add(nextGram(gramBefore(set.pool, at), set.pool[at + 3]));
    }
  }

  find(finding: Finding): void {
    const { chunk } = finding;
    let gram = gramBefore(chunk, 0);
    for (let at = 0; at + GRAM <= chunk.length; at++) {
      gram = nextGram(gram, chunk[at + 3]);
      if (this.#bits.has(gram)) followFrom(this.#set, at, finding);
    }
  }
}

/** What `nextGram` makes of this and the byte three places on is the run of four bytes at this place. */
function gramBefore(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 8) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 24);
}

function nextGram(gram: number, byte: number | undefined): number {
  return (gram >>> 8) | ((byte ?? 0) << 24);
}

/** Finds all needles that begin at this place. */
function followFrom(set: NeedleSet, place: number, { chunk, around, matches, most }: Finding): void {
  if (set.work.compared > most) return;
  const isFree = !isWordByte(place === 0 ? around.before : chunk[place - 1]);
  const partial = set.begin(around.place + place, chunk[place] ?? 0, isFree);
  if (partial !== undefined) set.follow(partial, chunk, place + 1, matches);
}

/**
 * Of each stem a window of k + 3 bytes is chosen, k a multiple of four that fits into all of them; the k runs of four
 * bytes in it go into a set of bits. Then it is enough to probe each k-th byte: wherever a window lies, it holds exactly
 * one probe. What passes is looked up in an exact table and compared.
 */
class Stride {
  readonly #set: NeedleSet;
  readonly #stems: Stems;
  /** The first stem that this one looks for. */
  readonly #base: number;
  readonly #lists: GramLists;
  readonly #bits: Bits;

  constructor(set: NeedleSet, stems: Stems, from: number) {
    this.#set = set;
    this.#stems = stems;
    this.#base = from;
    this.#lists = new GramLists(set, stems, from, Math.min(stems.count, from + MOST_STEMS));
    this.#bits = new Bits(this.#lists.count);
    this.#lists.each((gram) => this.#bits.add(gram));
  }

  find(finding: Finding): void {
    const { chunk } = finding;
    const skipped = (4 - (chunk.byteOffset & 3)) & 3;
    const length = (chunk.length - skipped) >> 2;
    if (length <= 0) return;
    const view = new Int32Array(chunk.buffer, chunk.byteOffset + skipped, length);
    const { words, shift } = this.#bits;
    /** Numbers of 32 bits from one probe to the next. */
    const step = this.#stems.stride / 4;
    let index = 0;
    for (const last = length - 7 * step; index < last; index += 8 * step) {
      const hit =
        bitOf(words, view[index], shift) |
        bitOf(words, view[index + step], shift) |
        bitOf(words, view[index + 2 * step], shift) |
        bitOf(words, view[index + 3 * step], shift) |
        bitOf(words, view[index + 4 * step], shift) |
        bitOf(words, view[index + 5 * step], shift) |
        bitOf(words, view[index + 6 * step], shift) |
        bitOf(words, view[index + 7 * step], shift);
      if ((hit & 1) === 0) continue;
      for (let at = index; at < index + 8 * step; at += step) this.#probe(view, at, finding);
    }
    for (; index < length; index += step) this.#probe(view, index, finding);
  }

  #probe(view: Int32Array, index: number, finding: Finding): void {
    if (this.#bits.has(view[index] ?? 0)) this.#look(view, index, finding);
  }

  /** Compares the stems that have these four bytes in their window, and the same ones beside them. */
  #look(view: Int32Array, index: number, finding: Finding): void {
    if (this.#set.work.compared > finding.most) return;
    const { entries } = this.#lists;
    const from = this.#lists.at(view[index] ?? 0);
    if (from === NONE) return;
    const at = view.byteOffset - finding.chunk.byteOffset + index * GRAM;
    if (this.#lists.isLong(from)) return this.#followAll(from, at, finding);
    for (let entry = from; ; entry += 2) {
      const packed = entries[entry] ?? 0;
      const beside = index + sideIn(packed);
      // Beyond an end of the view nothing is beside it: then the stem does not lie in the chunk as a whole either.
      if (beside >= 0 && beside < view.length && view[beside] === entries[entry + 1])
        this.#compare(this.#base + stemIn(packed), at - offsetIn(packed), finding);
      if (isLast(packed)) return;
    }
  }

  /** Finds the needles with this stem at this place of the chunk. */
  #compare(stem: number, place: number, finding: Finding): void {
    const { chunk, around, matches } = finding;
    const low = this.#stems.low[stem] ?? 0;
    const depth = this.#stems.lengths[stem] ?? 0;
    if (!this.#set.isIn(this.#stems.starts[stem] ?? 0, depth, chunk, place)) return;
    const high = this.#stems.high[stem] ?? 0;
    if (high - low > FEW) {
      const isFree = !isWordByte(place === 0 ? around.before : chunk[place - 1]);
      this.#set.follow({ start: around.place + place, depth, low, high, isFree }, chunk, place + depth, matches);
      return;
    }
    for (let index = low; index < high; index++) {
      if (this.#set.isAt(index, chunk, place)) accept(this.#set, index, place, finding);
    }
  }

  /** For stems that look much alike: each place where one may begin is followed once, for all of them. */
  #followAll(from: number, at: number, finding: Finding): void {
    const seen = new Uint32Array(OFFSETS / 32);
    for (let entry = from, isOver = false; !isOver; entry += 2) {
      const packed = this.#lists.entries[entry] ?? 0;
      isOver = isLast(packed);
      const offset = offsetIn(packed);
      const bit = 1 << offset;
      if (((seen[offset >>> 5] ?? 0) & bit) !== 0 || offset > at) continue;
      seen[offset >>> 5] = (seen[offset >>> 5] ?? 0) | bit;
      followFrom(this.#set, at - offset, finding);
    }
  }
}
