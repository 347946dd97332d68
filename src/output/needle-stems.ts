import type { NeedleSet } from './needle-set.ts';

/** Bytes of one probe. */
const GRAM = 4;
/** A window is looked for in the first bytes of a stem. */
const CHOICE = 512;
/** Forms of one value share text: this many stems may have four bytes without being dearer for it. */
const FORMS = 32;
/** What begins alike for so long is one stem, whatever its bytes are. */
const LONG = 64;
/** Four letters or digits of which not all are common ones cost this at most. */
const FAIR = 64;
const MIX = 0x9e3779b1 | 0;

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
  readonly #alike: Uint32Array;
  /** How many needles have four bytes, by their hash. */
  readonly #seen = new Uint16Array(1 << 16);
  readonly #costs = new Int32Array(CHOICE);
  #best = { window: 0, cost: 0 };

  /**
   * Finds the stems of all needles that have room for a window, so that forms of one value are compared once and not each
   * by itself. What many needles share (the scheme of a URL, the prefix of a kind of token) and what any log is full of is
   * avoided: it would cost a comparison each time.
   */
  constructor(set: NeedleSet, stride: number) {
    this.#set = set;
    this.stride = stride;
    this.low = new Int32Array(set.count);
    this.high = new Int32Array(set.count);
    this.starts = new Int32Array(set.count);
    this.lengths = new Int32Array(set.count);
    this.windows = new Int32Array(set.count);
    this.#alike = likenesses(set);
    this.#count();
    const length = stride + GRAM - 1;
    for (let low = 0, high = 1; low < set.count; low = high++) {
      while (high < set.count && (this.#alike[high] ?? 0) >= length) high++;
      if (set.lengthOf(low) >= length) this.#divide(low, high);
    }
  }

  /** One stem for all of these needles when they share a good window, else one for each part of them that is more alike. */
  #divide(low: number, high: number): void {
    let shared = this.#set.lengthOf(low);
    for (let index = low + 1; index < high; index++) shared = Math.min(shared, this.#alike[index] ?? 0);
    this.#choose(low, shared);
    if (high - low === 1 || shared >= LONG || this.#best.cost <= FAIR * this.stride) {
      this.low[this.count] = low;
      this.high[this.count] = high;
      this.starts[this.count] = this.#set.at(low);
      this.lengths[this.count] = shared;
      this.windows[this.count++] = this.#best.window;
      return;
    }
    for (let from = low, to = low + 1; from < high; from = to++) {
      while (to < high && (this.#alike[to] ?? 0) > shared) to++;
      this.#divide(from, to);
    }
  }

  /** Counts each run of four bytes once for all needles that have it at the end of the same beginning. */
  #count(): void {
    const { pool } = this.#set;
    for (let index = 0; index < this.#set.count; index++) {
      const start = this.#set.at(index);
      const end = start + Math.min(this.#set.lengthOf(index), CHOICE) - GRAM;
      for (let at = start + Math.max(0, (this.#alike[index] ?? 0) - GRAM + 1); at <= end; at++) {
        const hash = hashAt(pool, at);
        const seen = this.#seen[hash] ?? 0;
        if (seen < 0xffff) this.#seen[hash] = seen + 1;
      }
    }
  }

  /** The cheapest window in the first bytes of a needle. */
  #choose(index: number, length: number): void {
    const { pool } = this.#set;
    const start = this.#set.at(index);
    const grams = Math.min(length, CHOICE) - GRAM + 1;
    let cost = 0;
    this.#best = { window: 0, cost: Infinity };
    for (let at = 0; at < grams; at++) {
      const one = costAt(pool, start + at, this.#seen[hashAt(pool, start + at)] ?? 0);
      this.#costs[at] = one;
      cost += one;
      if (at >= this.stride) cost -= this.#costs[at - this.stride] ?? 0;
      if (at < this.stride - 1 || cost >= this.#best.cost) continue;
      this.#best.cost = cost;
      this.#best.window = at - this.stride + 1;
    }
  }
}

function likenesses(set: NeedleSet): Uint32Array {
  const { pool } = set;
  const alike = new Uint32Array(set.count);
  for (let index = 1; index < set.count; index++) {
    const [one, two] = [set.at(index - 1), set.at(index)];
    const most = Math.min(set.lengthOf(index - 1), set.lengthOf(index));
    let length = 0;
    while (length < most && pool[one + length] === pool[two + length]) length++;
    alike[index] = length;
  }
  return alike;
}

/** 16 bits of the four bytes at this place. */
function hashAt(pool: Buffer, at: number): number {
  const gram = (pool[at] ?? 0) | ((pool[at + 1] ?? 0) << 8) | ((pool[at + 2] ?? 0) << 16) | ((pool[at + 3] ?? 0) << 24);
  return Math.imul(gram, MIX) >>> 16;
}

/** The more needles have these four bytes, and the more of them are what words and numbers are made of, the dearer. */
function costAt(pool: Buffer, at: number, seen: number): number {
  let common = 0;
  for (let turn = 0; turn < GRAM; turn++) common += COMMON[pool[at + turn] ?? 0] ?? 0;
  return 8 * Math.max(0, seen - FORMS) + common * common;
}

/** How common a byte is in logs. */
const COMMON = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')) COMMON[byte] = 1;
for (const byte of Buffer.from('abcdefghijklmnopqrstuvwxyz0123456789_,"')) COMMON[byte] = 2;
for (const byte of Buffer.from(' etaoinsr-=./:0')) COMMON[byte] = 3;
