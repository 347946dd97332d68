import { isWordByte, type Match, type NeedleSet } from './needle-set.ts';
import { GramLists, isLast, LAST, MOST_NEEDLES, needleIn, NONE, offsetIn } from './needle-grams.ts';
import { chooseWindows } from './needle-windows.ts';

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
/** So many short needles are looked for one by one. */
const FEW = 8;
/** Above this the stride becomes shorter, so that the tables stay small: some ten bytes for each run of four bytes. */
const MOST_GRAMS = 1 << 18;
/** A place of the stride table is hit by chance with the probability of one to this. */
const BITS_PER_GRAM = 64;

/**
 * Compiles a search for these needles. Of each one a window of k + 3 bytes is chosen, k a multiple of four that fits
 * into all of them; the k runs of four bytes in it go into a set of bits. Then it is enough to probe each k-th byte:
 * wherever a window lies, it holds exactly one probe. What passes is looked up in an exact table and compared.
 */
export function compileSearch(set: NeedleSet): Search {
  const all = Array.from({ length: set.count }, (_, index) => index);
  const long = all.filter((index) => set.lengthOf(index) >= SHORTEST_WINDOW);
  const short = all.filter((index) => set.lengthOf(index) < SHORTEST_WINDOW);
  const searches = [
    ...groupsOf(long).map((group) => new Stride(set, group)),
    ...(short.length > FEW ? [new Stepwise(set, short)] : []),
  ];
  return (chunk, around, matches) => {
    const most = set.work.compared + MOST_COMPARED * chunk.length;
    for (const search of searches) search.find({ chunk, around, matches, most });
    if (short.length <= FEW) for (const index of short) findOne(set, index, { chunk, around, matches, most });
    return set.work.compared <= most;
  };
}

/** Groups whose indexes differ only in the bits that an entry has for them: one, but for millions of needles. */
function groupsOf(indexes: readonly number[]): (readonly number[])[] {
  const groups: number[][] = [];
  for (const index of indexes) (groups[Math.floor(index / MOST_NEEDLES)] ??= []).push(index);
  return groups.filter((group) => group.length > 0);
}

interface Finding {
  readonly chunk: Buffer;
  readonly around: Surroundings;
  readonly matches: Match[];
  /** What `work.compared` of the set may come to. */
  readonly most: number;
}

/** A single needle, by the search of Node. */
function findOne(set: NeedleSet, index: number, finding: Finding): void {
  const { chunk } = finding;
  const bytes = set.pool.subarray(set.at(index), set.at(index + 1));
  for (let at = chunk.indexOf(bytes); at !== -1; at = chunk.indexOf(bytes, at + 1)) accept(set, index, at, finding);
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

/** A set of 32-bit numbers that may take a number for a member that is none, seldom. */
class Bits {
  readonly words: Int32Array;
  readonly shift: number;

  constructor(count: number) {
    const bits = Math.min(27, Math.max(17, Math.ceil(Math.log2(count * BITS_PER_GRAM))));
    this.words = new Int32Array(1 << (bits - 5));
    this.shift = 32 - bits;
  }

  add(gram: number): void {
    const hash = Math.imul(gram, MIX) >>> this.shift;
    this.words[hash >>> 5] = (this.words[hash >>> 5] ?? 0) | (1 << hash);
  }

  has(gram: number): boolean {
    return (bitOf(this.words, gram, this.shift) & 1) === 1;
  }
}

/** The lowest bit of it says whether the number may be in the set. */
function bitOf(words: Int32Array, gram: number | undefined, shift: number): number {
  const hash = Math.imul(gram ?? 0, MIX) >>> shift;
  return (words[hash >>> 5] ?? 0) >>> hash;
}

/** 2^32 over the golden ratio: neighbours land far from each other. */
const MIX = 0x9e3779b1 | 0;

/** Where the needles begin with the same four bytes as the place that is looked at; for very short needles. */
class Stepwise {
  readonly #set: NeedleSet;
  readonly #byGram = new Map<number, number[]>();
  readonly #bits: Bits;

  constructor(set: NeedleSet, indexes: readonly number[]) {
    this.#set = set;
    this.#bits = new Bits(indexes.length);
    for (const index of indexes) {
      const gram = set.pool.readInt32LE(set.at(index));
      this.#bits.add(gram);
      this.#byGram.set(gram, [...(this.#byGram.get(gram) ?? []), index]);
    }
  }

  find(finding: Finding): void {
    const { chunk } = finding;
    if (chunk.length < GRAM) return;
    let gram = chunk.readInt32LE(0) << 8;
    for (let at = 0; at + GRAM <= chunk.length; at++) {
      gram = (gram >>> 8) | ((chunk[at + 3] ?? 0) << 24);
      if (at === 0) gram = chunk.readInt32LE(0);
      if (!this.#bits.has(gram)) continue;
      for (const index of this.#byGram.get(gram) ?? []) {
        if (this.#set.isAt(index, chunk, at)) accept(this.#set, index, at, finding);
      }
    }
  }
}

/** The search described above. */
class Stride {
  readonly #set: NeedleSet;
  /** Numbers of 32 bits from one probe to the next. */
  readonly #step: number;
  readonly #bits: Bits;
  readonly #lists: GramLists;
  readonly #base: number;

  constructor(set: NeedleSet, indexes: readonly number[]) {
    this.#set = set;
    this.#base = Math.floor((indexes[0] ?? 0) / MOST_NEEDLES) * MOST_NEEDLES;
    const shortest = indexes.reduce((least, index) => Math.min(least, set.lengthOf(index)), LONGEST_STRIDE + GRAM - 1);
    const most = Math.max(MOST_GRAMS / indexes.length, SHORTEST_WINDOW - GRAM + 1);
    const stride = Math.min(shortest - GRAM + 1, most) & ~3;
    this.#step = stride / 4;
    const windows = chooseWindows(set, indexes, { stride, length: stride + GRAM - 1 });
    this.#lists = new GramLists(set, { indexes, windows, stride });
    this.#bits = new Bits(this.#lists.count);
    for (const gram of this.#lists.grams()) this.#bits.add(gram);
  }

  find(finding: Finding): void {
    const { chunk } = finding;
    const skipped = (4 - (chunk.byteOffset & 3)) & 3;
    const length = (chunk.length - skipped) >> 2;
    if (length <= 0) return;
    const view = new Int32Array(chunk.buffer, chunk.byteOffset + skipped, length);
    const { words, shift } = this.#bits;
    const step = this.#step;
    let index = 0;
    for (const last = length - 3 * step; index < last; index += 4 * step) {
      const hit =
        bitOf(words, view[index], shift) |
        bitOf(words, view[index + step], shift) |
        bitOf(words, view[index + 2 * step], shift) |
        bitOf(words, view[index + 3 * step], shift);
      if ((hit & 1) === 0) continue;
      for (let at = index; at < index + 4 * step; at += step) this.#probe(view[at] ?? 0, skipped + at * 4, finding);
    }
    for (; index < length; index += step) this.#probe(view[index] ?? 0, skipped + index * 4, finding);
  }

  #probe(gram: number, at: number, finding: Finding): void {
    if (this.#bits.has(gram)) this.#look(gram, at, finding);
  }

  /** Compares the needles that have these four bytes in their window. */
  #look(gram: number, at: number, finding: Finding): void {
    if (this.#set.work.compared > finding.most) return;
    const { entries } = this.#lists;
    const from = this.#lists.at(gram);
    if (from === NONE) return;
    if (this.#lists.isLong(from)) return this.#followAll(from, at, finding);
    for (let entry = from; ; entry++) {
      const packed = entries[entry] ?? 0;
      const needle = this.#base + needleIn(packed);
      const place = at - offsetIn(packed);
      const isLike = place >= 0 && finding.chunk[place] === this.#set.pool[this.#set.at(needle)];
      if (isLike && this.#set.isAt(needle, finding.chunk, place)) accept(this.#set, needle, place, finding);
      if (isLast(packed)) return;
    }
  }

  /** For needles that look much alike: each place where one may begin is followed once, for all of them. */
  #followAll(from: number, at: number, { chunk, around, matches, most }: Finding): void {
    let last = -1;
    for (let entry = from, packed = LAST; entry === from || !isLast(packed); entry++) {
      packed = this.#lists.entries[entry] ?? 0;
      const offset = offsetIn(packed);
      if (offset === last || offset > at || this.#set.work.compared > most) continue;
      last = offset;
      const place = at - offset;
      const isFree = !isWordByte(place === 0 ? around.before : chunk[place - 1]);
      const partial = this.#set.begin(around.place + place, chunk[place] ?? 0, isFree);
      if (partial !== undefined) this.#set.follow(partial, chunk, place + 1, matches);
    }
  }
}
