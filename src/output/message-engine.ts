import type { Sensitive } from '../lib/sensitive.ts';
import { type Compiled, compileNeedles, occurrences } from './byte-stream.ts';
import { needlesOf } from './needles.ts';
import { publicSpellings, spellings, spellingsInSlices } from './spellings.ts';
import { whyNotHidden } from './worth-hiding.ts';

const PLACEHOLDER = '[REDACTED]';

/** So many characters in a row of a secret are already too many to show (P3). */
const WINDOW = 8;

/** Up to this size, bytes, a secret's spellings are kept; of bigger ones they are made again for each message. */
const KEPT = 1024;

/**
 * What redacts a whole line of our own stderr, of all that these lists hold when it is called. It hides every run of eight characters of any spelling of a secret,
 * so that a secret cut short by a message's length limit or quoted in part is found too, and shorter values as a
 * whole, unless they are too short or too common to hide. The forms of which eight characters in a row need not be the
 * secret's own (what shells, JSON and URLs make of signs) are found by the engine that redacts streams.
 *
 * What is in `shown` is the natural exception to P3. Where a value has something in common with it (a JSON value
 * has the word of the reference's field), a message that names the reference would lose the very words it is about,
 * and the gap would tell that the value has them. So what is found inside one place of such a text, or of the
 * punctuation that a message puts next to it, stays; what reaches beyond is hidden as a whole, with its public part.
 */
export function openMessageEngine(hidden: readonly Sensitive[], shown: readonly string[]): (text: string) => string {
  const spelled: (() => Iterable<string>)[] = [];
  const forms = new Forms();
  const known = new Set<string>();
  let [readHidden, readShown] = [0, 0];
  const readOn = (): void => {
    for (const secret of hidden.slice(readHidden)) {
      const bytes = secret.reveal();
      if (whyNotHidden(bytes.toString('latin1')) !== undefined) continue;
      const kept = bytes.length > KEPT ? undefined : [...new Set(spellings(bytes))];
      spelled.push(() => kept ?? spellingsInSlices(bytes));
      if (bytes.length <= KEPT) forms.add(bytes);
    }
    readHidden = hidden.length;
    for (const text of shown.slice(readShown)) {
      for (const spelling of publicSpellings(text)) known.add(spelling);
    }
    readShown = shown.length;
  };
  return (text) => {
    readOn();
    if (spelled.length === 0) return text;
    const message = new Windows(text);
    for (const spellingsOf of spelled) {
      for (const form of spellingsOf()) message.cover(form);
    }
    for (const [start, end] of forms.within(text)) message.mark(start, end - start);
    return message.text(known);
  };
}

/** What the redactor of streams looks for, compiled when there is a message. */
class Forms {
  #compiled: Compiled | undefined;
  #added: Buffer[] = [];

  add(secret: Buffer): void {
    this.#added.push(secret);
  }

  /** Where one of them is in the text: its first character and the one behind its last. */
  within(text: string): readonly (readonly [start: number, end: number])[] {
    const matches = occurrences(this.#compile(), Buffer.from(text));
    if (matches.length === 0) return [];
    const characters = charactersOf(text);
    return matches.map(({ start, end }) => [characters[start] ?? 0, characters[end] ?? text.length]);
  }

  #compile(): Compiled {
    if (this.#compiled !== undefined && this.#added.length === 0) return this.#compiled;
    const added = this.#added.flatMap((secret) => needlesOf(secret, false).spellings);
    this.#added = [];
    this.#compiled = compileNeedles([
      ...(this.#compiled?.set.needles() ?? []),
      ...added.map((spelling) => ({ ...spelling, label: 0 })),
    ]);
    return this.#compiled;
  }
}

/** For each byte of the text in UTF-8, and for its end, the character that it belongs to. */
function charactersOf(text: string): Uint32Array {
  const result = new Uint32Array(Buffer.byteLength(text) + 1);
  let [at, index] = [0, 0];
  for (const character of text) {
    const end = at + Buffer.byteLength(character);
    result.fill(index, at, end);
    at = end;
    index += character.length;
  }
  result[at] = index;
  return result;
}

/** Characters of the runs by which most of a secret is dismissed. */
const GRAM = 3;

/** One message, with an index of all its runs of eight characters, so that a secret of any size is passed over once. */
class Windows {
  readonly #text: string;
  /** Letter case is overlooked: what is shown of a URL or a media type may be in lower case, and a token is recognised all the same. */
  readonly #folded: string;
  readonly #covered: Uint8Array;
  readonly #places = new Map<string, number[]>();
  /** Which runs of three characters it has, by their hashes. */
  readonly #grams = new Uint8Array(1 << 16);

  constructor(text: string) {
    this.#text = text;
    this.#folded = folded(text);
    this.#covered = new Uint8Array(text.length);
    for (let at = 0; at + WINDOW <= text.length; at++) this.#index(this.#folded.slice(at, at + WINDOW), at);
    for (let at = 0; at + GRAM <= text.length; at++) this.#grams[gramAt(this.#folded, at)] = 1;
  }

  /**
   * Marks what this spelling and the message have in common. Every run of eight holds exactly one of the runs of
   * three that are looked at, and where the message does not have that one, it does not have any of those eight.
   */
  cover(spelling: string): void {
    if (whyNotHidden(spelling) !== undefined) return;
    const form = spelling.toLowerCase();
    for (let at = this.#folded.indexOf(form); at !== -1; at = this.#folded.indexOf(form, at + 1))
      this.mark(at, form.length);
    const step = WINDOW - GRAM + 1;
    for (let gram = 0; gram + GRAM <= form.length; gram += step) {
      if (this.#grams[gramAt(form, gram)] === 0) continue;
      const last = Math.min(gram, form.length - WINDOW);
      for (let at = Math.max(0, gram - step + 1); at <= last; at++) this.#markRun(form.slice(at, at + WINDOW));
    }
  }

  /** The message with each marked stretch replaced, but for those within one of these known texts. */
  text(known: Iterable<string>): string {
    if (!this.#covered.includes(1)) return this.#text;
    const reach = this.#reachOf(known);
    let result = '';
    let at = 0;
    while (at < this.#text.length) {
      const isCovered = this.#covered[at] === 1;
      const next = this.#covered.indexOf(isCovered ? 0 : 1, at);
      const end = next === -1 ? this.#text.length : next;
      const isHidden = isCovered && (reach[at] ?? 0) < end;
      result += isHidden ? PLACEHOLDER : this.#text.slice(at, end);
      at = end;
    }
    return result;
  }

  /** For each place, how far a known text that holds it goes; 0 where there is none. */
  #reachOf(known: Iterable<string>): Uint32Array {
    const reach = new Uint32Array(this.#text.length);
    for (const text of known) {
      for (let found = this.#text.indexOf(text); found !== -1; found = this.#text.indexOf(text, found + 1)) {
        const end =
          found +
          text.length +
          lengthOf(AFTER, this.#text.slice(found + text.length, found + text.length + MOST_AROUND));
        const before = this.#text.slice(Math.max(0, found - MOST_AROUND), found);
        for (let at = found - lengthOf(BEFORE, before); at < found + text.length; at++) {
          if ((reach[at] ?? 0) < end) reach[at] = end;
        }
      }
    }
    return reach;
  }

  #index(run: string, at: number): void {
    // Rules and blanks say nothing about a secret that happens to hold them.
    if (new Set(run).size <= 2) return;
    const places = this.#places.get(run);
    if (places === undefined) this.#places.set(run, [at]);
    else places.push(at);
  }

  #markRun(run: string): void {
    const places = this.#places.get(run);
    if (places === undefined) return;
    for (const place of places) this.mark(place, WINDOW);
    // Once is enough, however often the secret repeats itself.
    this.#places.delete(run);
  }

  /** Marks so many characters from this place on. */
  mark(at: number, length: number): void {
    this.#covered.fill(1, at, at + length);
  }
}

/** What a message puts around a name: quotes and brackets, commas and colons, spaces. */
const BEFORE = /["'(:, ]*$/;
const AFTER = /^["'):;,./ ]*/;
const MOST_AROUND = 3;

function lengthOf(pattern: RegExp, text: string): number {
  return pattern.exec(text)?.[0].length ?? 0;
}

/** In lower case, each character in its place: a few become longer, and stay as they are. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return text.replace(/[^]/g, (unit) => (unit.toLowerCase().length === 1 ? unit.toLowerCase() : unit));
}

/** A 16-bit hash of the run of three characters at this place. */
function gramAt(text: string, at: number): number {
  const mixed = text.charCodeAt(at) * 0x3d + text.charCodeAt(at + 1) * 0x3fb + text.charCodeAt(at + 2) * 0x3f01;
  return (mixed ^ (mixed >>> 16)) & 0xffff;
}
