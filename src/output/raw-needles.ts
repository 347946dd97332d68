import type { Needle } from './needle-set.ts';

const EMPTY = Buffer.alloc(0);

/** More than there are: with the first three bytes of a needle in front, its index is still a whole number. */
const MOST = 2 ** 29;

/** Memory is taken in blocks of so many bytes: nothing that has been copied once is copied to grow. */
const BLOCK = 1 << 18;

/** Needles as they come, as bytes: strings that live on would take several times the memory. */
export class RawNeedles {
  readonly labels: number[] = [];
  readonly isWord: boolean[] = [];
  readonly #blocks: Buffer<ArrayBuffer>[] = [];
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

  /** Gives their memory back at once: it is as much as all needles take, and to wait until Node does it would double that. */
  release(): void {
    for (const block of this.#blocks.splice(0)) block.buffer.transfer(0);
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
    const count = this.labels.length;
    const keys = new Float64Array(count);
    for (let index = 0; index < count; index++) keys[index] = this.#keyOf(index) * MOST + index;
    // Without a function of ours: to call one for each pair would take several times as long, and so only few are left to it.
    keys.sort();
    const result: number[] = [];
    let alike: number[] = [];
    for (let position = 0; position < count; position++) {
      const key = keys[position] ?? 0;
      alike.push(key % MOST);
      if (position + 1 < count && Math.floor((keys[position + 1] ?? 0) / MOST) === Math.floor(key / MOST)) continue;
      if (alike.length > 1) alike = this.#unlike(alike);
      for (const index of alike) result.push(index);
      alike = [];
    }
    return result;
  }

  /** The same for some of them. */
  #unlike(some: number[]): number[] {
    some.sort((one, two) => {
      const difference = this.#compare(one, two);
      if (difference !== 0) return difference;
      return this.isWord[one] === this.isWord[two] ? one - two : Number(this.isWord[one]) - Number(this.isWord[two]);
    });
    return some.filter((index, position) => position === 0 || this.#compare(some[position - 1] ?? 0, index) !== 0);
  }

  /** Its first three bytes as one number. */
  #keyOf(index: number): number {
    const block = this.#block(index);
    const at = this.#start(index);
    return ((block[at] ?? 0) << 16) | ((block[at + 1] ?? 0) << 8) | (block[at + 2] ?? 0);
  }

  /** Byte by byte: until all of this is compiled, that takes less time than calls of Node. */
  #compare(one: number, two: number): number {
    const block = this.#block(one);
    const other = this.#block(two);
    const from = this.#start(one);
    const to = this.#start(two);
    const lengths = this.lengthOf(one) - this.lengthOf(two);
    const least = this.lengthOf(lengths < 0 ? one : two);
    for (let turn = 0; turn < least; turn++) {
      const difference = (block[from + turn] ?? 0) - (other[to + turn] ?? 0);
      if (difference !== 0) return difference;
    }
    return lengths;
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
