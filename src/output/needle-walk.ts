import { type NeedleLinks, NONE } from './needle-links.ts';
import { isWordByte, type Match, type NeedleSet, type Partial } from './needle-set.ts';

/**
 * Where a stream is among the beginnings of needles: always at the longest one that its last bytes are. All shorter ones
 * follow from it (Aho, Corasick: Efficient string matching, 1975), so that a byte costs the same however many of them
 * there are.
 */
export class NeedleWalk implements Partial {
  /** Place in the stream of the next byte. */
  place = 0;
  depth = 0;
  low = 0;
  high: number;
  isFree = false;
  readonly set: NeedleSet;
  readonly #links: NeedleLinks;
  /** The byte before `place`; undefined at the beginning of the stream. */
  #last: number | undefined;

  constructor(set: NeedleSet, links: NeedleLinks) {
    this.set = set;
    this.#links = links;
    this.high = set.count;
  }

  /** Place of the first byte of what has begun; `place` when nothing has. */
  get start(): number {
    return this.place - this.depth;
  }

  /** Stands where nothing has begun, or at what was found to have begun. */
  restart(place: number, last: number | undefined, begun?: Partial): void {
    this.place = place;
    this.#last = last;
    this.depth = begun?.depth ?? 0;
    this.low = begun?.low ?? 0;
    this.high = begun?.high ?? this.set.count;
    this.isFree = begun?.isFree ?? false;
  }

  /**
   * Takes the bytes of a chunk for as long as something is open that began before the limit, a place in the stream. Adds
   * what became complete to the matches; what lies within another match is left out. Says whether it is open still.
   */
  follow(chunk: Buffer, limit: number, matches: Match[]): boolean {
    for (let at = 0; at < chunk.length && this.depth > 0 && this.start < limit; at++) {
      this.step(chunk[at] ?? 0, matches);
    }
    return this.depth > 0 && this.start < limit;
  }

  /** Takes one byte. */
  step(byte: number, matches: Match[]): void {
    const { set } = this;
    set.work.steps++;
    if (set.hasWords && !isWordByte(byte)) this.#completeWords(matches);
    while (!set.descend(this, byte) && this.depth > 0) this.#fall();
    if (this.depth === 1) this.isFree = !isWordByte(this.#last);
    this.#last = byte;
    this.place++;
    if (this.depth === 0) return;
    this.#complete(matches);
    while (this.depth > 0 && !this.#isOpen()) this.#fall();
  }

  /** What the end of the stream completes; see `NeedleSet.finish`. */
  finish(): Match | undefined {
    for (; this.depth > 0; this.#fall()) {
      const match = this.set.finish(this);
      if (match !== undefined) return match;
    }
    return undefined;
  }

  /** Goes on with the longest beginning within this one. */
  #fall(): void {
    const { low, depth } = this;
    this.#links.follow(this, low, depth);
    this.isFree = this.depth > 0 && this.#isFreeAt(low, depth, this.depth);
  }

  #isFreeAt(index: number, depth: number, length: number): boolean {
    return !isWordByte(this.set.pool[this.set.at(index) + depth - length - 1]);
  }

  #isOpen(): boolean {
    if (this.set.lengthOf(this.low) > this.depth) return true;
    return this.low + 1 < this.high || (this.isFree && this.set.isWord(this.low));
  }

  /** The longest needle that ends here, but for words; `NONE` when there is none. */
  #ending(): number {
    return this.set.lengthOf(this.low) === this.depth ? this.low : this.#links.within(this.low, this.depth);
  }

  #complete(matches: Match[]): void {
    const { set } = this;
    for (let index = this.#ending(); index !== NONE; index = this.#links.within(index, set.lengthOf(index))) {
      if (set.isWord(index)) continue;
      matches.push(set.matchOf(index, this.place - set.lengthOf(index)));
      return;
    }
  }

  /** The same for words: that nothing goes on behind them is known with the next byte. */
  #completeWords(matches: Match[]): void {
    const { set, depth } = this;
    if (depth === 0) return;
    for (let index = this.#ending(); index !== NONE; index = this.#links.within(index, set.lengthOf(index))) {
      const length = set.lengthOf(index);
      const isFree = length === depth ? this.isFree : this.#isFreeAt(this.low, depth, length);
      if (!set.isWord(index)) return;
      if (!isFree) continue;
      matches.push(set.matchOf(index, this.place - length));
      return;
    }
  }
}
