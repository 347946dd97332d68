import { RawNeedles } from './raw-needles.ts';

/** One spelling of one hidden value. */
export interface Needle {
  /** A character for each byte ("latin1"). At least four, and no white space in front: then nothing is held back after a line's end. */
  readonly bytes: string;
  /** Index of the placeholder that takes its place. */
  readonly label: number;
  /** Found only where neither a letter nor a digit stands next to it. */
  readonly isWord: boolean;
}

/** An occurrence that has begun and may become complete: all needles from `low` to before `high` begin with its bytes. */
export interface Partial {
  /** Place of its first byte in the stream. */
  readonly start: number;
  /** So many bytes of it have come. */
  depth: number;
  low: number;
  high: number;
  /** Whether what stands before it is neither letter nor digit. */
  readonly isFree: boolean;
}

/** A complete occurrence. */
export interface Match {
  /** Place of its first byte in the stream, and of the byte behind its last one. */
  readonly start: number;
  readonly end: number;
  readonly label: number;
  /** Whether it may grow to be one with another label. */
  readonly isOpen: boolean;
}

/** To narrow a range takes as long as to compare so many bytes. */
const STEP = 64;

/** Fewer bytes at the end of a stream are never taken for a beginning. */
const SHORTEST_REST = 4;

/**
 * Needles in the order of their bytes, each once: all that begin alike stand next to each other, so that the begin of a
 * needle is a range, and one more byte makes it smaller.
 */
export class NeedleSet {
  readonly count: number;
  /** All bytes of all needles, in order. */
  readonly pool: Buffer;
  /** Where each needle begins in the pool, and one more for its end. */
  readonly starts: Uint32Array;
  readonly longest: number;
  readonly hasWords: boolean;
  /** What was done so far: bytes compared, and steps from byte to byte. */
  readonly work = { compared: 0, steps: 0 };
  readonly #firstWith = new Uint32Array(257);
  readonly #isAmbiguous: Uint8Array;
  readonly #labels: Uint32Array;
  readonly #isWord: Uint8Array;

  /** Of needles with the same bytes the first one counts, and one that is no word before one that is. */
  constructor(needles: Iterable<Needle> | RawNeedles) {
    const raw = needles instanceof RawNeedles ? needles : new RawNeedles(needles);
    const order = raw.inOrder();
    this.count = order.length;
    this.pool = Buffer.alloc(order.reduce((total, index) => total + raw.lengthOf(index), 0));
    this.starts = new Uint32Array(order.length + 1);
    this.#labels = new Uint32Array(order.length);
    this.#isWord = new Uint8Array(order.length);
    let longest = 0;
    for (let index = 0; index < order.length; index++) {
      const from = order[index] ?? 0;
      const length = raw.lengthOf(from);
      raw.copy(from, this.pool, this.at(index));
      this.starts[index + 1] = this.at(index) + length;
      this.#labels[index] = raw.labels[from] ?? 0;
      this.#isWord[index] = Number(raw.isWord[from]);
      longest = Math.max(longest, length);
      const first = (this.pool[this.at(index)] ?? 0) + 1;
      this.#firstWith[first] = (this.#firstWith[first] ?? 0) + 1;
    }
    for (let byte = 1; byte <= 256; byte++) {
      this.#firstWith[byte] = (this.#firstWith[byte] ?? 0) + (this.#firstWith[byte - 1] ?? 0);
    }
    this.longest = longest;
    this.hasWords = this.#isWord.includes(1);
    this.#isAmbiguous = this.#ambiguities();
  }

  /** All of them again. They are kept as bytes only: as strings they would take twice the memory. */
  *needles(): Generator<Needle> {
    for (let index = 0; index < this.count; index++) {
      const bytes = this.pool.toString('latin1', this.at(index), this.at(index + 1));
      yield { bytes, label: this.labelOf(index), isWord: this.isWord(index) };
    }
  }

  labelOf(index: number): number {
    return this.#labels[index] ?? 0;
  }

  isWord(index: number): boolean {
    return this.#isWord[index] === 1;
  }

  /** Where a needle begins in the pool. */
  at(index: number): number {
    return this.starts[index] ?? 0;
  }

  lengthOf(index: number): number {
    return this.at(index + 1) - this.at(index);
  }

  /** An occurrence that begins with this byte; undefined when no needle does. */
  begin(start: number, byte: number, isFree: boolean): Partial | undefined {
    const low = this.#firstWith[byte] ?? 0;
    const high = this.#firstWith[byte + 1] ?? 0;
    return low < high ? { start, depth: 1, low, high, isFree } : undefined;
  }

  /**
   * Takes the bytes of the chunk from this place on, until no needle goes on so. Adds what became complete to the
   * matches; says whether the occurrence is still open at the chunk's end.
   */
  follow(partial: Partial, chunk: Buffer, from: number, matches: Match[]): boolean {
    let at = from;
    for (;;) {
      if (this.lengthOf(partial.low) === partial.depth) {
        if (at === chunk.length && this.#waits(partial)) return true;
        this.#complete(partial, chunk[at], matches);
        if (++partial.low === partial.high) return false;
      }
      if (at === chunk.length) return true;
      if (partial.high - partial.low === 1) return this.#followOne(partial, chunk, at, matches);
      if (!this.#advance(partial, chunk[at++] ?? 0)) return false;
    }
  }

  /** The same when only one needle is left: compared as a whole. */
  #followOne(partial: Partial, chunk: Buffer, from: number, matches: Match[]): boolean {
    const rest = this.lengthOf(partial.low) - partial.depth;
    const length = Math.min(rest, chunk.length - from);
    const at = this.at(partial.low) + partial.depth;
    if (!this.#isSame(at, chunk, from, length)) return false;
    partial.depth += length;
    if (length < rest) return true;
    if (from + length === chunk.length && this.#waits(partial)) return true;
    this.#complete(partial, chunk[from + length], matches);
    return false;
  }

  /** Whether so many bytes of the pool and the chunk are the same. For a few bytes a call of Node costs more than a loop. */
  #isSame(at: number, chunk: Buffer, from: number, length: number): boolean {
    if (length > 16) {
      this.work.compared += length;
      return chunk.compare(this.pool, at, at + length, from, from + length) === 0;
    }
    for (let turn = 0; turn < length; turn++) if (this.pool[at + turn] !== chunk[from + turn]) return false;
    return true;
  }

  /** What the end of the stream completes: a word at the very end, and what is half of a needle or more. */
  finish(partial: Partial): Match | undefined {
    const { start, depth } = partial;
    if (depth < SHORTEST_REST) return undefined;
    for (let index = partial.low; index < partial.high; index++) {
      if (this.lengthOf(index) > 2 * depth) continue;
      const isHere = partial.isFree || !this.isWord(index);
      if (isHere) return { start, end: start + depth, label: this.labelOf(index), isOpen: false };
    }
    return undefined;
  }

  /** Whether the needle at this index is in the chunk from this place on. */
  isAt(index: number, chunk: Buffer, place: number): boolean {
    return this.isIn(this.at(index), this.lengthOf(index), chunk, place);
  }

  /** Whether so many bytes of the pool, from this place on, are in the chunk from that place on. */
  isIn(from: number, length: number, chunk: Buffer, place: number): boolean {
    const end = place + length;
    if (place < 0 || end > chunk.length) return false;
    // What only begins alike is told apart without a call of Node.
    if (chunk[end - 1] !== this.pool[from + length - 1] || chunk[place] !== this.pool[from]) return false;
    return this.#isSame(from, chunk, place, length);
  }

  /** The match of a needle that starts at this place of the stream. */
  matchOf(index: number, start: number): Match {
    const end = start + this.lengthOf(index);
    return { start, end, label: this.labelOf(index), isOpen: this.#isAmbiguous[index] === 1 };
  }

  /** Whether it depends on the byte that follows. */
  #waits(partial: Partial): boolean {
    return partial.isFree && this.isWord(partial.low);
  }

  #complete(partial: Partial, next: number | undefined, matches: Match[]): void {
    const isFound = !this.isWord(partial.low) || (partial.isFree && !isWordByte(next));
    if (isFound) matches.push(this.matchOf(partial.low, partial.start));
  }

  /** Takes one more byte, or says that no needle goes on so. None of the range is complete. */
  #advance(partial: Partial, byte: number): boolean {
    const { depth } = partial;
    partial.depth = depth + 1;
    this.work.compared += STEP;
    const low = this.#bound(partial, depth, byte);
    partial.high = this.#bound(partial, depth, byte + 1);
    partial.low = low;
    return low < partial.high;
  }

  /** Moves to the needles that go on with this byte. Says whether there are any; nothing is moved when not. */
  descend(to: { depth: number; low: number; high: number }, byte: number): boolean {
    const { depth, high } = to;
    if (depth === 0) {
      const first = this.#firstWith[byte] ?? 0;
      const end = this.#firstWith[byte + 1] ?? 0;
      return first < end && moved(to, first, end);
    }
    const from = this.lengthOf(to.low) === depth ? to.low + 1 : to.low;
    if (from + 1 === high) return this.pool[this.at(from) + depth] === byte && moved(to, from, high);
    const low = this.#bound({ low: from, high }, depth, byte);
    const end = this.#bound({ low, high }, depth, byte + 1);
    return low < end && moved(to, low, end);
  }

  /** Which needles are the beginning of one with another label. */
  #ambiguities(): Uint8Array {
    const result = new Uint8Array(this.count);
    if (this.#labels.every((label) => label === this.#labels[0])) return result;
    for (let index = 0; index < this.count; index++) {
      for (let next = index + 1; next < this.count && this.#begins(index, next); next++) {
        if (this.labelOf(next) === this.labelOf(index)) continue;
        result[index] = 1;
        break;
      }
    }
    return result;
  }

  /** Whether a needle is the beginning of another one. */
  #begins(index: number, other: number): boolean {
    const from = this.at(index);
    const at = this.at(other);
    const length = this.lengthOf(index);
    return length <= this.lengthOf(other) && this.pool.compare(this.pool, at, at + length, from, from + length) === 0;
  }

  /** The first needle of the range whose next byte is this one or greater. */
  #bound({ low, high }: Pick<Partial, 'low' | 'high'>, depth: number, byte: number): number {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.pool[this.at(middle) + depth] ?? 0) < byte) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function moved(to: { depth: number; low: number; high: number }, low: number, high: number): true {
  to.depth++;
  to.low = low;
  to.high = high;
  return true;
}

/** Whether a byte is an ASCII letter or digit. */
export function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x39);
}
