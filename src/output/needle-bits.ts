/** A member that is none is seen with the probability of one to this; of so many members that the table grows big, to that. */
const BITS = 256;
const FEWEST_BITS = 64;
/** As many bits as leave a processor's cache room for the rest. */
const BIG = 21;

/** A set of 32-bit numbers that may take a number for a member that is none, seldom. */
export class Bits {
  readonly words: Int32Array;
  readonly shift: number;

  /** Room for so many members. */
  constructor(count: number) {
    const wide = Math.min(BIG, Math.ceil(Math.log2(count * BITS)));
    const bits = Math.min(27, Math.max(17, wide, Math.ceil(Math.log2(count * FEWEST_BITS))));
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
export function bitOf(words: Int32Array, gram: number | undefined, shift: number): number {
  const hash = Math.imul(gram ?? 0, MIX) >>> shift;
  return (words[hash >>> 5] ?? 0) >>> hash;
}

/** 2^32 over the golden ratio: neighbours land far from each other. */
const MIX = 0x9e3779b1 | 0;
