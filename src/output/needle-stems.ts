import type { NeedleSet } from './needle-set.ts';

/** Bytes of one probe. */
const GRAM = 4;
/** So many places are compared for a window, and the last one is so far from a stem's first byte. */
const CHOICE = 64;
const FARTHEST = 448;
/** What begins alike for so long is one stem, whatever its bytes are. */
const LONG = 64;

/** What is looked for instead of single needles: the beginning that some of them share, or a needle as a whole. */
export class Stems {
  /** Which needles begin with a stem: from this index of the set on, and to before that one. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Where the bytes of each stem are in the pool of the set, and how many. */
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** How far from the first byte of a stem its window begins. */
  readonly windows: Int32Array;
  /** The stride of the search: a window has so many runs of four bytes, and lies within its stem. */
  readonly stride: number;
  count = 0;
  readonly #set: NeedleSet;
  /** So many bytes has each needle in common with the one before it. */
  readonly #alike: Int32Array;

  /** Finds the stems of all needles that have room for a window, so that forms of one value are compared once and not each by itself. */
  constructor(set: NeedleSet, stride: number) {
    this.#set = set;
    this.stride = stride;
    this.low = new Int32Array(set.count);
    this.high = new Int32Array(set.count);
    this.starts = new Int32Array(set.count);
    this.lengths = new Int32Array(set.count);
    this.windows = new Int32Array(set.count);
    this.#alike = likenesses(set);
    const length = stride + GRAM - 1;
    for (let low = 0, high = 1; low < set.count; low = high++) {
      while (high < set.count && (this.#alike[high] ?? 0) >= length) high++;
      if (set.lengthOf(low) >= length) this.#divide(low, high);
    }
  }

  /** One stem for all of these needles when what only they share has room for a window, else one for each part of them that is more alike. */
  #divide(low: number, high: number): void {
    let shared = this.#set.lengthOf(low);
    for (let index = low + 1; index < high; index++) shared = Math.min(shared, this.#alike[index] ?? 0);
    const others = Math.max(this.#alike[low] ?? 0, this.#alike[high] ?? 0);
    if (high - low === 1 || shared >= others + LONG || shared >= others + this.stride + GRAM - 1) {
      const stem = this.count++;
      this.low[stem] = low;
      this.high[stem] = high;
      this.starts[stem] = this.#set.at(low);
      this.lengths[stem] = shared;
      this.windows[stem] = this.#windowIn(this.#set.at(low), shared, others);
      return;
    }
    for (let from = low, to = low + 1; from < high; from = to++) {
      while (to < high && (this.#alike[to] ?? 0) > shared) to++;
      this.#divide(from, to);
    }
  }

  /**
   * The window of the rarest bytes. What other stems begin with too (the scheme of a URL, the prefix of a kind of token) and
   * what any log is full of would cost a comparison each time.
   */
  #windowIn(start: number, length: number, others: number): number {
    const { pool } = this.#set;
    const width = this.stride + GRAM - 1;
    const last = Math.min(length - width, FARTHEST);
    let window = Math.min(others, last);
    let cost = 0;
    for (let at = start + window; at < start + window + width; at++) cost += COMMON[pool[at] ?? 0] ?? 0;
    let least = cost;
    const end = Math.min(last, window + CHOICE);
    for (let at = window + 1; at <= end; at++) {
      cost += (COMMON[pool[start + at + width - 1] ?? 0] ?? 0) - (COMMON[pool[start + at - 1] ?? 0] ?? 0);
      if (cost >= least) continue;
      least = cost;
      window = at;
    }
    return window;
  }
}

function likenesses(set: NeedleSet): Int32Array {
  const { pool } = set;
  const alike = new Int32Array(set.count + 1);
  for (let index = 1; index < set.count; index++) {
    const one = set.at(index - 1);
    const two = set.at(index);
    const most = Math.min(set.lengthOf(index - 1), set.lengthOf(index));
    let length = 0;
    while (length < most && pool[one + length] === pool[two + length]) length++;
    alike[index] = length;
  }
  return alike;
}

/** How common a byte is in logs. */
const COMMON = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')) COMMON[byte] = 1;
for (const byte of Buffer.from('abcdefghijklmnopqrstuvwxyz0123456789_,"')) COMMON[byte] = 2;
for (const byte of Buffer.from(' etaoinsr-=./:0')) COMMON[byte] = 3;
