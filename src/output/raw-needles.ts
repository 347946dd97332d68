import type { Needle } from './needle-set.ts';

const EMPTY = Buffer.alloc(0);

/** Memory is taken in blocks of so many bytes: nothing that has been copied once is copied to grow. */
const BLOCK = 1 << 18;

/** Needles as they come, as bytes: strings that live on would take several times the memory. */
export class RawNeedles {
  readonly labels: number[] = [];
  readonly isWord: boolean[] = [];
  readonly #blocks: Buffer[] = [];
  /** The block of each, and where it begins and ends in there. */
  readonly #blockOf: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #used = 0;

  constructor(needles: Iterable<Needle>) {
    for (const needle of needles) this.add(needle);
  }

  /** Takes one more. */
  add({ bytes, label, isWord }: Needle): void {
    if (this.#used + bytes.length > (this.#blocks.at(-1)?.length ?? 0)) {
      this.#blocks.push(Buffer.allocUnsafeSlow(Math.max(BLOCK, bytes.length)));
      this.#used = 0;
    }
    const block = this.#blocks.length - 1;
    this.#blocks[block]?.write(bytes, this.#used, 'latin1');
    this.labels.push(label);
    this.isWord.push(isWord);
    this.#blockOf.push(block);
    this.#starts.push(this.#used);
    this.#used += bytes.length;
    this.#ends.push(this.#used);
  }

  /** All of them again. */
  *needles(): Generator<Needle> {
    for (const [index, label] of this.labels.entries()) {
      const bytes = this.#block(index).toString('latin1', this.#start(index), this.#end(index));
      yield { bytes, label, isWord: this.isWord[index] ?? false };
    }
  }

  /** Writes the bytes of one to this place. */
  copy(index: number, to: Buffer, at: number): void {
    this.#block(index).copy(to, at, this.#start(index), this.#end(index));
  }

  lengthOf(index: number): number {
    return this.#end(index) - this.#start(index);
  }

  /** In the order of their bytes; of those with the same bytes the first that is no word, or else the first. */
  inOrder(): number[] {
    const all = this.labels.map((_, index) => index);
    all.sort((one, two) => {
      const difference = this.#compare(one, two);
      if (difference !== 0) return difference;
      return this.isWord[one] === this.isWord[two] ? one - two : Number(this.isWord[one]) - Number(this.isWord[two]);
    });
    return all.filter((index, position) => position === 0 || this.#compare(all[position - 1] ?? 0, index) !== 0);
  }

  #compare(one: number, two: number): number {
    const [block, other] = [this.#block(one), this.#block(two)];
    const [from, to] = [this.#start(one), this.#start(two)];
    const difference = (block[from] ?? 0) - (other[to] ?? 0);
    if (difference !== 0) return difference;
    return block.compare(other, to, this.#end(two), from, this.#end(one));
  }

  #block(index: number): Buffer {
    return this.#blocks[this.#blockOf[index] ?? 0] ?? EMPTY;
  }

  #start(index: number): number {
    return this.#starts[index] ?? 0;
  }

  #end(index: number): number {
    return this.#ends[index] ?? 0;
  }
}
