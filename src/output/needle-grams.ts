import type { NeedleSet } from './needle-set.ts';
import type { Stems } from './needle-stems.ts';

/** No list. */
export const NONE = -1;

/** From so many stems with one and the same run of four bytes on, their beginnings are followed together. */
const MANY = 24;

const GRAM = 4;
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
/** 2^32 over the golden ratio: neighbours land far from each other. */
const MIX = 0x9e3779b1 | 0;

/** So many stems can be listed together. */
export const MOST_STEMS = 1 << 19;

/** An entry: 19 bits for a stem, nine for an offset, two for a side, whether the list is long, whether the entry is its last one. */
const LAST = 1;
const LONG = 2;

/**
 * For each run of four bytes, contiguous: the stems that have it in their window, how far from their first byte, and
 * which four bytes stand beside it there, behind it or else before it.
 */
export class GramLists {
  /** Two numbers for each entry: what it says, and the four bytes beside the run; or the run again, where a stem has no others. */
  readonly entries: Int32Array;
  /** So many different runs there are. */
  count = 0;
  /** Open addressing: a run of four bytes, and where its list begins; with one more, as 0 is a free place. */
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** Of the stems from this one on, to before that one. */
  constructor(set: NeedleSet, stems: Stems, from: number, to: number) {
    const total = (to - from) * stems.stride;
    // At most three quarters of the places are taken.
    this.#mask = (1 << (32 - Math.clz32((4 * total) / 3))) - 1;
    this.#slots = new Int32Array(2 * (this.#mask + 1));
    this.entries = new Int32Array(2 * total);
    const slots = this.#counted(set, stems, from, to);
    this.#layOut();
    for (let stem = from, entry = 0; stem < to; stem++) {
      const start = stems.starts[stem] ?? 0;
      const behind = start + (stems.lengths[stem] ?? 0);
      const window = stems.windows[stem] ?? 0;
      for (let offset = window; offset < window + stems.stride; offset++) {
        const at = start + offset;
        const side = at + 2 * GRAM <= behind ? 1 : -Number(offset >= GRAM);
        const packed = ((stem - from) << 13) | (offset << 4) | ((side + 1) << 2);
        this.#put(slots[entry++] ?? 0, packed, gramAt(set.pool, at + side * GRAM));
      }
    }
    for (let slot = 1; slot < this.#slots.length; slot += 2) {
      const first = this.#slots[slot] ?? 0;
      if (first > 0) this.#markLong(first - 1);
    }
  }

  /** Where the list of these four bytes begins, or `NONE`. */
  at(gram: number): number {
    return (this.#slots[this.#slotOf(gram) + 1] ?? 0) - 1;
  }

  /** Whether so many stems are in the list that begins here that their beginnings should be followed together. */
  isLong(from: number): boolean {
    return ((this.entries[from] ?? 0) & LONG) !== 0;
  }

  /** All runs of four bytes. */
  each(take: (gram: number) => void): void {
    for (let slot = 0; slot < this.#slots.length; slot += 2) {
      if ((this.#slots[slot + 1] ?? 0) > 0) take(this.#slots[slot] ?? 0);
    }
  }

  #slotOf(gram: number): number {
    let slot = (Math.imul(gram, MIX) >>> 7) & this.#mask;
    while (this.#slots[2 * slot + 1] !== 0 && this.#slots[2 * slot] !== gram) slot = (slot + 1) & this.#mask;
    return 2 * slot;
  }

  /** Counts how often each run comes. Returns the slots of all runs, as they come. */
  #counted(set: NeedleSet, { starts, windows, stride }: Stems, from: number, to: number): Int32Array {
    const slots = new Int32Array((to - from) * stride);
    for (let stem = from, entry = 0; stem < to; stem++) {
      const at = (starts[stem] ?? 0) + (windows[stem] ?? 0);
      for (let turn = 0; turn < stride; turn++) {
        const gram = gramAt(set.pool, at + turn);
        const slot = this.#slotOf(gram);
        const known = this.#slots[slot + 1] ?? 0;
        if (known === 0) this.count++;
        this.#slots[slot] = gram;
        this.#slots[slot + 1] = known + 1;
        slots[entry++] = slot;
      }
    }
    return slots;
  }

  /** Turns the length of each list into the place behind it, from where it is filled; one more, as 0 is a free place. */
  #layOut(): void {
    let end = 0;
    for (let slot = 1; slot < this.#slots.length; slot += 2) {
      const count = this.#slots[slot] ?? 0;
      if (count === 0) continue;
      end += 2 * count;
      this.#slots[slot] = end + 1;
      this.entries[end - 2] = LAST;
    }
  }

  #put(slot: number, packed: number, beside: number): void {
    const entry = (this.#slots[slot + 1] ?? 0) - 3;
    this.#slots[slot + 1] = entry + 1;
    this.entries[entry] = (this.entries[entry] ?? 0) | packed;
    this.entries[entry + 1] = beside;
  }

  #markLong(from: number): void {
    let entry = from;
    while (entry < from + 2 * MANY && !isLast(this.entries[entry] ?? LAST)) entry += 2;
    if (entry === from + 2 * MANY) this.entries[from] = (this.entries[from] ?? 0) | LONG;
  }
}

/** The stem of an entry, counted from the first one of these lists. */
export function stemIn(packed: number): number {
  return packed >>> 13;
}

/** How far from its stem's first byte the run of an entry is. */
export function offsetIn(packed: number): number {
  return (packed >>> 4) & 0x1ff;
}

/** Where the four bytes beside it are: 1 behind it, -1 before it, 0 the run itself. */
export function sideIn(packed: number): number {
  return ((packed >>> 2) & 3) - 1;
}

/** Whether an entry is the last one of its list. */
export function isLast(packed: number): boolean {
  return (packed & LAST) === LAST;
}

/** Four bytes as a view of 32-bit numbers has them on this machine. */
function gramAt(bytes: Buffer, at: number): number {
  // Not read by Node: this is called some thousand times before anything of it is compiled.
  const one = bytes[at] ?? 0;
  const two = bytes[at + 1] ?? 0;
  const three = bytes[at + 2] ?? 0;
  const four = bytes[at + 3] ?? 0;
  return IS_LITTLE_ENDIAN
    ? one | (two << 8) | (three << 16) | (four << 24)
    : four | (three << 8) | (two << 16) | (one << 24);
}
