import { compileSearch, type Search } from './needle-search.ts';
import { isWordByte, type Match, type Needle, NeedleSet, type Partial } from './needle-set.ts';
import type { RedactedStream } from './types.ts';

/** Fewer bytes than this may be released when nothing more comes. */
const SHORTEST_KEPT = 4;

/** What a stream looks for. */
export interface Compiled {
  readonly set: NeedleSet;
  readonly search: Search;
  /** The first four bytes of all needles, by a hash. */
  readonly beginnings: Uint8Array;
}

/** What streams look for at present, and what they put in its place. */
export interface Vocabulary {
  readonly placeholders: readonly Buffer[];
  compiled(): Compiled;
}

/** Sorts needles and makes the tables to find them by. */
export function compileNeedles(needles: Iterable<Needle>): Compiled {
  const set = new NeedleSet(needles);
  const beginnings = new Uint8Array(1 << 16);
  for (let index = 0; index < set.count; index++) beginnings[hashAt(set.pool, set.at(index))] = 1;
  return { set, search: compileSearch(set), beginnings };
}

/** Every occurrence in these bytes, which are all there is. */
export function occurrences({ search }: Compiled, bytes: Buffer): readonly Match[] {
  const matches: Match[] = [];
  // With a byte behind them, so that a word at the end is decided too.
  search(Buffer.concat([bytes, Buffer.from('\n')]), { place: 0, before: undefined }, matches);
  return matches;
}

/** An occurrence that has begun, with the needles that were known when it did. */
interface Begun {
  readonly partial: Partial;
  readonly set: NeedleSet;
}

/** One stream, as `RedactedStream` has it. All places count from its first byte. */
export class ByteStream implements RedactedStream {
  readonly #vocabulary: Vocabulary;
  /** How far the bytes have come in, and how far it is settled what came out for them. */
  #position = 0;
  #settled = 0;
  /** Where the last placeholder's occurrences end. */
  #covered = 0;
  /** The bytes from `#settled` to `#position`. */
  #held: Buffer = Buffer.alloc(0);
  #last: number | undefined;
  /** In the order of their places. */
  #begun: Begun[] = [];
  /** Complete occurrences, as long as it is open what they are a part of. */
  #matches: Match[] = [];

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  write(chunk: Buffer): readonly Buffer[] {
    if (chunk.length === 0) return [];
    const compiled = this.#vocabulary.compiled();
    const { set, search } = compiled;
    this.#begun = this.#begun.filter((begun) => begun.set.follow(begun.partial, chunk, 0, this.#matches));
    if (set.count > 0) {
      search(chunk, { place: this.#position, before: this.#last }, this.#matches);
      this.#begin(chunk, compiled);
    }
    const before = this.#position;
    this.#position += chunk.length;
    this.#last = chunk[chunk.length - 1];
    const out = new Output(this.#held, chunk, before);
    this.#settle(out);
    this.#held = out.from(this.#settled);
    return out.parts;
  }

  get isWaiting(): boolean {
    if (this.#held.length === 0) return false;
    const begun = this.#begun[0];
    if (begun === undefined || this.#position - begun.partial.start < SHORTEST_KEPT) return true;
    return this.#held.every((byte) => byte === 0x0a || byte === 0x0d);
  }

  idle(): readonly Buffer[] {
    if (!this.isWaiting) return [];
    const held = this.#held;
    this.#settled = this.#position;
    this.#held = Buffer.alloc(0);
    return [held];
  }

  end(): readonly Buffer[] {
    for (const { partial, set } of this.#begun) {
      const match = set.finish(partial);
      if (match !== undefined) this.#matches.push(match);
    }
    this.#begun = [];
    const out = new Output(this.#held, Buffer.alloc(0), this.#position);
    this.#settle(out);
    this.#held = Buffer.alloc(0);
    return out.parts;
  }

  /** Notes the places near the chunk's end from where on all bytes are the beginning of a needle. */
  #begin(chunk: Buffer, { set, beginnings }: Compiled): void {
    const scratch: Match[] = [];
    const first = Math.max(0, chunk.length - set.longest);
    for (let at = first; at < chunk.length; at++) {
      if (at + 4 <= chunk.length && beginnings[hashAt(chunk, at)] === 0) continue;
      const isFree = !isWordByte(at === 0 ? this.#last : chunk[at - 1]);
      const partial = set.begin(this.#position + at, chunk[at] ?? 0, isFree);
      // What is complete in this chunk was found already.
      if (partial !== undefined && set.follow(partial, chunk, at + 1, scratch)) this.#begun.push({ partial, set });
    }
  }

  /**
   * Puts out what nothing that may yet come can change: all before the first occurrence that is not decided, and the
   * placeholder of a value that is complete there and could only grow.
   */
  #settle(out: Output): void {
    const open = this.#begun[0]?.partial.start ?? this.#position;
    const matches = this.#matches.length < 2 ? this.#matches : this.#matches.toSorted(inOrder);
    let decided = 0;
    for (const match of matches) {
      const isDecided =
        match.start < Math.max(open, this.#covered) || (match.start === open && open < this.#position && !match.isOpen);
      if (!isDecided) break;
      decided++;
      this.#cover(match, out);
    }
    this.#matches = matches.slice(decided);
    if (open <= this.#settled) return;
    out.copy(this.#settled, open);
    this.#settled = open;
  }

  #cover({ start, end, label }: Match, out: Output): void {
    const isPart = start < this.#covered && this.#settled === this.#covered;
    this.#covered = Math.max(this.#covered, end);
    if (end <= this.#settled) return;
    if (!isPart) {
      if (start > this.#settled) out.copy(this.#settled, start);
      out.put(this.#vocabulary.placeholders[label]);
    }
    this.#settled = end;
  }
}

/** Leftmost first; of those that begin at one place the longest. */
function inOrder(one: Match, two: Match): number {
  return one.start === two.start ? two.end - one.end : one.start - two.start;
}

/** What comes out for one chunk: pieces of what was held back, of the chunk, and placeholders. */
class Output {
  readonly parts: Buffer[] = [];
  readonly #held: Buffer;
  readonly #chunk: Buffer;
  /** Place of the chunk's first byte in the stream; that of what was held ends there. */
  readonly #place: number;

  constructor(held: Buffer, chunk: Buffer, place: number) {
    this.#held = held;
    this.#chunk = chunk;
    this.#place = place;
  }

  put(bytes: Buffer | undefined): void {
    if (bytes !== undefined && bytes.length > 0) this.parts.push(bytes);
  }

  /** Puts out the bytes between two places. */
  copy(from: number, to: number): void {
    const heldAt = this.#place - this.#held.length;
    if (from < this.#place) this.put(this.#held.subarray(from - heldAt, Math.min(to, this.#place) - heldAt));
    if (to > this.#place) this.put(this.#chunk.subarray(Math.max(from, this.#place) - this.#place, to - this.#place));
  }

  /** A copy of all bytes from a place on. */
  from(place: number): Buffer {
    if (place >= this.#place) return Buffer.from(this.#chunk.subarray(place - this.#place));
    const heldAt = this.#place - this.#held.length;
    return Buffer.concat([this.#held.subarray(place - heldAt), this.#chunk]);
  }
}

/** 16 bits of the four bytes at this place. */
function hashAt(bytes: Buffer, at: number): number {
  const gram =
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  return Math.imul(gram, 0x9e3779b1) >>> 16;
}
