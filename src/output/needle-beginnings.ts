import type { NeedleSet } from './needle-set.ts';

/** Longer needles count as just as long. */
const LONGEST_TOLD = 0xffff;

/** What begins farther from the end of a chunk and is open there is long, and few needles are. */
const FAR = 256;
/** So many runs of four bytes at the beginning of a long needle are known: one place of so many is looked at. */
const OPENING = 16;

/** How needles begin, to find where in a chunk one begins that is not at its end when the chunk is. */
export class Beginnings {
  /** For each hash of four bytes the length of the longest needle that begins with such bytes, `LONGEST_TOLD` at most. */
  readonly #longest = new Uint16Array(1 << 16);
  /** For each hash of four bytes whether they are among the first ones of a needle that may begin far from the end. */
  readonly #openings = new Uint8Array(1 << 16);

  constructor(set: NeedleSet) {
    for (let index = 0; index < set.count; index++) {
      const at = set.at(index);
      const length = set.lengthOf(index);
      const hash = hashAt(set.pool, at);
      this.#longest[hash] = Math.max(this.#longest[hash] ?? 0, Math.min(length, LONGEST_TOLD));
      if (length <= FAR - OPENING) continue;
      for (let turn = 0; turn < OPENING; turn++) this.#openings[hashAt(set.pool, at + turn)] = 1;
    }
  }

  /** The first place, from this one on, where such a needle may begin; the chunk's length when there is none. */
  next(chunk: Buffer, from: number): number {
    let at = from;
    for (; at + 4 <= chunk.length; at++) {
      const rest = chunk.length - at;
      if (rest > FAR && this.#openings[hashAt(chunk, at + OPENING - 1)] === 0) {
        // Of a long needle that begins here or at one of the next places, the opening would be there.
        at += OPENING - 1;
        continue;
      }
      const longest = this.#longest[hashAt(chunk, at)] ?? 0;
      // Shorter ones would have ended by now.
      if (longest >= rest || longest === LONGEST_TOLD) return at;
    }
    return at;
  }
}

/** 16 bits of the four bytes at this place. */
function hashAt(bytes: Buffer, at: number): number {
  const gram =
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  return Math.imul(gram, 0x9e3779b1) >>> 16;
}
