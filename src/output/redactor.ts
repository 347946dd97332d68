import type { Sensitive } from '../lib/sensitive.ts';
import { spellings } from './spellings.ts';
import { whyNotHidden } from './worth-hiding.ts';

/** Keeps secrets out of our own messages. */
export interface Redactor {
  /** From now on nothing of this secret passes `redact`. The name is for whoever reads the call. */
  hide(name: string, secret: Sensitive): void;
  /** The text with each piece of a hidden secret replaced by `[REDACTED]`. */
  redact(text: string): string;
}

const PLACEHOLDER = '[REDACTED]';

/** So many characters in a row of a secret are already too many to show (P3). */
const WINDOW = 8;

/** Up to this size, bytes, a secret's spellings are kept; of bigger ones they are made again for each message. */
const KEPT = 1024;

/**
 * A redactor for whole lines of our own stderr. It hides every run of eight characters of any spelling of a secret,
 * so that a secret cut short by a message's length limit or quoted in part is found too, and shorter values as a
 * whole, unless they are too short or too common to hide.
 */
export function createRedactor(): Redactor {
  const hidden: (() => Iterable<string>)[] = [];
  return {
    hide(_name, secret) {
      const bytes = secret.reveal();
      if (whyNotHidden(bytes.toString('latin1')) !== undefined) return;
      const kept = bytes.length > KEPT ? undefined : [...new Set(spellings(bytes))];
      hidden.push(() => kept ?? spellings(bytes));
    },
    redact(text) {
      if (hidden.length === 0) return text;
      const shown = new Windows(text);
      for (const forms of hidden) {
        for (const form of forms()) shown.cover(form);
      }
      return shown.text();
    },
  };
}

/** One message, with an index of all its runs of eight characters, so that a secret of any size is passed over once. */
class Windows {
  readonly #text: string;
  readonly #covered: Uint8Array;
  readonly #places = new Map<string, number[]>();
  /** How many different runs have each hash: most of a secret is dismissed by a look at this alone. */
  readonly #hashes = new Uint32Array(1 << 16);

  constructor(text: string) {
    this.#text = text;
    this.#covered = new Uint8Array(text.length);
    eachWindow(text, (hash, at) => {
      const run = text.slice(at, at + WINDOW);
      // Rules and blanks say nothing about a secret that happens to hold them.
      if (new Set(run).size <= 2) return;
      const places = this.#places.get(run);
      if (places === undefined) {
        this.#places.set(run, [at]);
        this.#count(hash, 1);
      } else {
        places.push(at);
      }
    });
  }

  /** Marks what this spelling and the message have in common. */
  cover(form: string): void {
    if (whyNotHidden(form) !== undefined) return;
    for (let at = this.#text.indexOf(form); at !== -1; at = this.#text.indexOf(form, at + 1))
      this.#mark(at, form.length);
    eachWindow(form, (hash, at) => {
      if (this.#hashes[hash] === 0) return;
      const run = form.slice(at, at + WINDOW);
      const places = this.#places.get(run);
      if (places === undefined) return;
      for (const place of places) this.#mark(place, WINDOW);
      // Once is enough, however often the secret repeats itself.
      this.#places.delete(run);
      this.#count(hash, -1);
    });
  }

  /** The message with each marked stretch replaced. */
  text(): string {
    let result = '';
    let at = 0;
    while (at < this.#text.length) {
      const isCovered = this.#covered[at] === 1;
      const next = this.#covered.indexOf(isCovered ? 0 : 1, at);
      const end = next === -1 ? this.#text.length : next;
      result += isCovered ? PLACEHOLDER : this.#text.slice(at, end);
      at = end;
    }
    return result;
  }

  #count(hash: number, change: number): void {
    this.#hashes[hash] = (this.#hashes[hash] ?? 0) + change;
  }

  #mark(at: number, length: number): void {
    this.#covered.fill(1, at, at + length);
  }
}

const BASE = 0x01000193;
const LEAVING = [...Array(WINDOW).keys()].reduce((power) => Math.imul(power, BASE), 1);

/** Calls `visit` with a 16-bit hash of every run of eight characters and its place. */
function eachWindow(text: string, visit: (hash: number, at: number) => void): void {
  let hash = 0;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash, BASE) + text.charCodeAt(at) + 1;
    if (at >= WINDOW) hash -= Math.imul(text.charCodeAt(at - WINDOW) + 1, LEAVING);
    hash |= 0;
    if (at >= WINDOW - 1) visit((hash ^ (hash >>> 15)) & 0xffff, at - WINDOW + 1);
  }
}
