import { type Compiled, compileNeedles, ByteStream, type Vocabulary } from './byte-stream.ts';
import type { Needle } from './needle-set.ts';
import { needlesOf } from './needles.ts';
import { RawNeedles } from './raw-needles.ts';
import type { HiddenValue, NotHidden, StreamRedactor, StreamRedactorOptions } from './types.ts';

/** A redactor of streams for these values; see the types. What is not hidden is what `add` returns. */
export function createStreamRedactor(options: StreamRedactorOptions): StreamRedactor {
  const vocabulary = new Words(options);
  return {
    add: (values) => vocabulary.add(values),
    prepare: () => void vocabulary.compiled(),
    stream: () => new ByteStream(vocabulary),
  };
}

/** Bytes that are searched before it is worth while to make tables for the rest. */
const WITHOUT_TABLES = 1 << 16;

/** The needles of all values so far, and the placeholders. */
class Words implements Vocabulary {
  readonly placeholders: Buffer[] = [];
  readonly #options: StreamRedactorOptions;
  readonly #labels = new Map<string, number>();
  #added = new RawNeedles([]);
  #compiled: Compiled | undefined;

  constructor(options: StreamRedactorOptions) {
    this.#options = options;
  }

  add(values: readonly HiddenValue[]): NotHidden[] {
    const notHidden: NotHidden[] = [];
    for (const { name, value } of values) {
      const label = this.#labelOf(name);
      const found = needlesOf(value.reveal(), this.#options.splitPairs);
      if (found.why !== undefined) notHidden.push({ name, why: found.why });
      for (const { bytes, isWord } of found.spellings) this.#added.add({ bytes, isWord, label });
    }
    return notHidden;
  }

  compiled(): Compiled {
    if (this.#compiled === undefined || this.#added.labels.length > 0) {
      const needles = this.#compiled === undefined ? this.#added : this.#all(this.#compiled);
      this.#compiled = compileNeedles(needles, WITHOUT_TABLES);
      this.#added.release();
      this.#added = new RawNeedles([]);
    }
    return this.#compiled;
  }

  *#all(compiled: Compiled): Generator<Needle> {
    yield* compiled.set.needles();
    yield* this.#added.needles();
  }

  #labelOf(name: string): number {
    const text = this.#options.showNames ? `[REDACTED:${name}]` : '[REDACTED]';
    const known = this.#labels.get(text) ?? this.placeholders.push(Buffer.from(text)) - 1;
    this.#labels.set(text, known);
    return known;
  }
}
