import { Beginnings } from './needle-beginnings.ts';
import { compileSearch, MOST_COMPARED, type Search, type Surroundings } from './needle-search.ts';
import { NeedleLinks } from './needle-links.ts';
import { isWordByte, type Match, type Needle, NeedleSet } from './needle-set.ts';
import { NeedleWalk } from './needle-walk.ts';
import type { RawNeedles } from './raw-needles.ts';
import type { RedactedStream } from './types.ts';

/** Fewer bytes than this may be released when nothing more comes. */
const SHORTEST_KEPT = 4;

/** What a stream looks for. */
export interface Compiled {
  readonly set: NeedleSet;
  readonly search: Search;
  readonly links: NeedleLinks;
  readonly beginnings: Beginnings;
}

/** What streams look for at present, and what they put in its place. */
export interface Vocabulary {
  readonly placeholders: readonly Buffer[];
  compiled(): Compiled;
}

/** Sorts needles and makes what is needed to find them; some of that only after so many bytes, see `compileSearch`. */
export function compileNeedles(needles: Iterable<Needle> | RawNeedles, withoutTables = 0): Compiled {
  const set = new NeedleSet(needles);
  const search = compileSearch(set, withoutTables);
  return { set, search, links: new NeedleLinks(set), beginnings: new Beginnings(set) };
}

/** Every occurrence in these bytes, which are all there is. */
export function occurrences(compiled: Compiled, bytes: Buffer): readonly Match[] {
  const matches: Match[] = [];
  // With a byte behind them, so that a word at the end is decided too.
  const line = Buffer.concat([bytes, Buffer.from('\n')]);
  const around = { place: 0, before: undefined };
  if (compiled.search(line, around, matches)) return matches;
  const found: Match[] = [];
  walkOver(line, around, new NeedleWalk(compiled.set, compiled.links), found);
  return found;
}

/** Takes all bytes one by one, from where nothing has begun. */
function walkOver(bytes: Buffer, { place, before }: Surroundings, walk: NeedleWalk, found: Match[]): void {
  walk.restart(place, before);
  for (const byte of bytes) walk.step(byte, found);
}

/** What began when other needles were known, before the limit. */
interface Earlier {
  readonly walk: NeedleWalk;
  readonly limit: number;
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
  /** The memory of `#held`, and free memory behind it. */
  #room: Buffer = this.#held;
  #last: number | undefined;
  /** What is open of the needles that are known, and of those that were. */
  #walk: NeedleWalk | undefined;
  #earlier: Earlier[] = [];
  /** Complete occurrences, as long as it is open what they are a part of: in order, none within another. */
  readonly #matches: Match[] = [];

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  write(chunk: Buffer): readonly Buffer[] {
    if (chunk.length === 0) return [];
    const compiled = this.#vocabulary.compiled();
    const found: Match[] = [];
    const walk = this.#walkOf(compiled);
    this.#earlier = this.#earlier.filter((earlier) => earlier.walk.follow(chunk, earlier.limit, found));
    this.#follow(chunk, compiled, walk, found);
    if (found.length > 1) found.sort(inOrder);
    for (const match of found) insert(match, this.#matches);
    const before = this.#position;
    this.#position += chunk.length;
    this.#last = chunk[chunk.length - 1];
    const out = new Output(this.#held, chunk, before);
    this.#settle(out);
    this.#hold(chunk, before);
    return out.parts;
  }

  get isWaiting(): boolean {
    if (this.#held.length === 0) return false;
    if (this.#position - this.#open < SHORTEST_KEPT) return true;
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
    for (const walk of [...this.#earlier.map((earlier) => earlier.walk), ...(this.#walk ? [this.#walk] : [])]) {
      const match = walk.finish();
      if (match !== undefined) insert(match, this.#matches);
    }
    this.#earlier = [];
    this.#walk = undefined;
    const out = new Output(this.#held, Buffer.alloc(0), this.#position);
    this.#settle(out);
    this.#held = Buffer.alloc(0);
    return out.parts;
  }

  /** Place of the first byte that is held back because of what has begun; the end where nothing has. */
  get #open(): number {
    return Math.min(...this.#earlier.map(({ walk }) => walk.start), this.#walk?.start ?? this.#position);
  }

  /** The walk among the needles that are known now; what others have begun is followed for itself from here on. */
  #walkOf({ set, links }: Compiled): NeedleWalk {
    if (this.#walk?.set === set) return this.#walk;
    if (this.#walk !== undefined && this.#walk.depth > 0)
      this.#earlier.push({ walk: this.#walk, limit: this.#position });
    this.#walk = new NeedleWalk(set, links);
    this.#walk.restart(this.#position, this.#last);
    return this.#walk;
  }

  /** Finds what is complete in this chunk, and where something is open at its end. */
  #follow(chunk: Buffer, compiled: Compiled, walk: NeedleWalk, found: Match[]): void {
    const begins = this.#position;
    if (compiled.set.count === 0) return walk.restart(begins + chunk.length, chunk[chunk.length - 1]);
    if (walk.follow(chunk, begins, found)) return;
    const around = { place: begins, before: this.#last };
    const length = found.length;
    if (compiled.search(chunk, around, found)) return this.#begin(chunk, compiled, walk);
    found.length = length;
    walkOver(chunk, around, walk, found);
  }

  /** Finds the first place near the chunk's end from where on all bytes are the beginning of a needle. */
  #begin(chunk: Buffer, { set, beginnings }: Compiled, walk: NeedleWalk): void {
    const scratch: Match[] = [];
    const end = this.#position + chunk.length;
    const first = Math.max(0, chunk.length - set.longest);
    const most = set.work.compared + MOST_COMPARED * (chunk.length - first);
    for (let at = beginnings.next(chunk, first); at < chunk.length; at = beginnings.next(chunk, at + 1)) {
      const before = at === 0 ? this.#last : chunk[at - 1];
      const partial = set.begin(this.#position + at, chunk[at] ?? 0, !isWordByte(before));
      if (partial === undefined) continue;
      // What is complete in this chunk was found already.
      if (set.follow(partial, chunk, at + 1, scratch)) return walk.restart(end, chunk[chunk.length - 1], partial);
      if (set.work.compared < most) continue;
      return walkOver(chunk.subarray(at), { place: this.#position + at, before }, walk, scratch);
    }
    walk.restart(end, chunk[chunk.length - 1]);
  }

  /** Keeps a copy of what is not settled, with room behind it: else each byte would cost a copy of all of them. */
  #hold(chunk: Buffer, place: number): void {
    if (this.#settled >= place) {
      this.#held = Buffer.from(chunk.subarray(this.#settled - place));
      this.#room = this.#held;
      return;
    }
    const kept = this.#held.subarray(this.#held.length - (place - this.#settled));
    const length = kept.length + chunk.length;
    const from = kept.byteOffset - this.#room.byteOffset;
    if (from + length <= this.#room.length) {
      this.#room.set(chunk, from + kept.length);
      this.#held = this.#room.subarray(from, from + length);
      return;
    }
    this.#room = Buffer.alloc(2 * length);
    this.#room.set(kept);
    this.#room.set(chunk, kept.length);
    this.#held = this.#room.subarray(0, length);
  }

  /**
   * Puts out what nothing that may yet come can change: all before the first occurrence that is not decided, and the
   * placeholder of a value that is complete there and could only grow.
   */
  #settle(out: Output): void {
    const open = this.#open;
    let decided = 0;
    for (const match of this.#matches) {
      const isDecided =
        match.start < Math.max(open, this.#covered) || (match.start === open && open < this.#position && !match.isOpen);
      if (!isDecided) break;
      decided++;
      this.#cover(match, out);
    }
    if (decided > 0) this.#matches.splice(0, decided);
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

/** Puts a match where it belongs, unless it is within another, or just as long; takes out what is within it. */
function insert(match: Match, matches: Match[]): void {
  const later: Match[] = [];
  for (let last = matches.at(-1); last !== undefined && inOrder(match, last) < 0; last = matches.at(-1)) {
    matches.pop();
    if (last.end > match.end) later.push(last);
  }
  const before = matches.at(-1);
  if (before === undefined || before.end < match.end) matches.push(match);
  for (let last = later.pop(); last !== undefined; last = later.pop()) matches.push(last);
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
}
