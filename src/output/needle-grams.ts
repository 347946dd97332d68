import type { NeedleSet } from './needle-set.ts';

/** No list. */
export const NONE = -1;

/** From so many needles with one and the same run of four bytes on, their beginnings are followed together. */
const MANY = 24;

const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
/** 2^32 over the golden ratio: neighbours land far from each other. */
const MIX = 0x9e3779b1 | 0;
const FIRST_SIZE = 1 << 10;

/** The indexes of the needles in lists of one kind differ by less than this. */
export const MOST_NEEDLES = 1 << 21;

/** An entry: 21 bits of a needle's index, nine of an offset, whether the list is long, whether the entry is its last one. */
export const LAST = 1;
const LONG = 2;

/** Which windows of four-byte runs are listed: for each needle, so many from this place on. */
interface Windows {
  readonly indexes: readonly number[];
  readonly windows: Uint32Array;
  readonly stride: number;
}

/** For each run of four bytes, contiguous: the needles that have it in their window, and how far from their first byte. */
export class GramLists {
  /** The lists, each in the order of the offsets. */
  readonly entries: Uint32Array;
  /** So many different runs there are. */
  count = 0;
  /** Open addressing: a run of four bytes, and where its list begins; with one more, as 0 is a free place. */
  #grams = new Int32Array(FIRST_SIZE);
  #from = new Uint32Array(FIRST_SIZE);

  constructor(set: NeedleSet, { indexes, windows, stride }: Windows) {
    this.entries = new Uint32Array(indexes.length * stride);
    for (const [position, index] of indexes.entries()) {
      const start = set.at(index) + (windows[position] ?? 0);
      for (let turn = 0; turn < stride; turn++) this.#countOne(gramAt(set.pool, start + turn));
    }
    this.#layOut();
    const places = [...windows];
    const order = places.map((_, position) => position).toSorted((a, b) => (places[b] ?? 0) - (places[a] ?? 0));
    for (let turn = stride - 1; turn >= 0; turn--) {
      for (const position of order) {
        const [index, offset] = [indexes[position] ?? 0, (windows[position] ?? 0) + turn];
        const slot = this.#slotOf(gramAt(set.pool, set.at(index) + offset));
        const entry = (this.#from[slot] ?? 0) - 2;
        this.#from[slot] = entry + 1;
        this.entries[entry] = (this.entries[entry] ?? 0) | ((index % MOST_NEEDLES) << 11) | (offset << 2);
      }
    }
    for (const from of this.#from) if (from > 0) this.#markLong(from - 1);
  }

  /** Where the list of these four bytes begins, or `NONE`. */
  at(gram: number): number {
    return (this.#from[this.#slotOf(gram)] ?? 0) - 1;
  }

  /** Whether so many needles are in the list that begins here that their beginnings should be followed together. */
  isLong(from: number): boolean {
    return ((this.entries[from] ?? 0) & LONG) !== 0;
  }

  /** All runs of four bytes. */
  *grams(): Generator<number> {
    // By index: hundreds of thousands of pairs would only be made to be thrown away; the same below.
    for (let slot = 0; slot < this.#from.length; slot++) {
      if ((this.#from[slot] ?? 0) > 0) yield this.#grams[slot] ?? 0;
    }
  }

  #slotOf(gram: number): number {
    const mask = this.#grams.length - 1;
    let slot = (Math.imul(gram, MIX) >>> 7) & mask;
    while (this.#from[slot] !== 0 && this.#grams[slot] !== gram) slot = (slot + 1) & mask;
    return slot;
  }

  #countOne(gram: number): void {
    const slot = this.#slotOf(gram);
    const known = this.#from[slot] ?? 0;
    this.#grams[slot] = gram;
    this.#from[slot] = known + 1;
    if (known > 0) return;
    this.count++;
    if (this.count * 2 > this.#grams.length) this.#grow();
  }

  #grow(): void {
    const [grams, counts] = [this.#grams, this.#from];
    this.#grams = new Int32Array(grams.length * 2);
    this.#from = new Uint32Array(grams.length * 2);
    for (let slot = 0; slot < counts.length; slot++) {
      const count = counts[slot] ?? 0;
      if (count === 0) continue;
      const to = this.#slotOf(grams[slot] ?? 0);
      this.#grams[to] = grams[slot] ?? 0;
      this.#from[to] = count;
    }
  }

  /** Turns the length of each list into the place behind it, from where it is filled; one more, as 0 is a free place. */
  #layOut(): void {
    let total = 0;
    for (let slot = 0; slot < this.#from.length; slot++) {
      const count = this.#from[slot] ?? 0;
      if (count === 0) continue;
      total += count;
      this.#from[slot] = total + 1;
      this.entries[total - 1] = LAST;
    }
  }

  #markLong(from: number): void {
    let entry = from;
    while (entry < from + MANY && !isLast(this.entries[entry] ?? LAST)) entry++;
    if (entry === from + MANY) this.entries[from] = (this.entries[from] ?? 0) | LONG;
  }
}

/** The needle of an entry, as the rest of its index divided by `MOST_NEEDLES`. */
export function needleIn(packed: number): number {
  return packed >>> 11;
}

/** How far from its needle's first byte the run of an entry is. */
export function offsetIn(packed: number): number {
  return (packed >>> 2) & 0x1ff;
}

/** Whether an entry is the last one of its list. */
export function isLast(packed: number): boolean {
  return (packed & LAST) === LAST;
}

/** Four bytes as a view of 32-bit numbers has them on this machine. */
function gramAt(bytes: Buffer, at: number): number {
  return IS_LITTLE_ENDIAN ? bytes.readInt32LE(at) : bytes.readInt32BE(at);
}
