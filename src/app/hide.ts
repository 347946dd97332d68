import { Sensitive } from '../lib/sensitive.ts';
import type { HiddenValue } from '../output/types.ts';

/** From this call on, our own stderr shows nothing of the secret, in any of its usual spellings. */
export type Hide = (name: string, secret: Sensitive) => void;

/** Hides as before, and remembers the tokens: what is called by words, `ID token`, and not by the name of a secret. */
export function hearing(hide: Hide, tokens: HiddenValue[]): Hide {
  return (name, value) => {
    hide(name, value);
    const isKnown = tokens.some((one) => one.name === name && one.value.reveal().equals(value.reveal()));
    if (!name.includes(' ') || isKnown) return;
    tokens.push({ name, value });
    // The last part of a JWT opens nothing by itself, but it is the part that nobody could guess.
    const signature = /^[\w-]+\.[\w-]+\.([\w-]{16,})$/.exec(value.reveal().toString('latin1'))?.[1];
    if (signature !== undefined) tokens.push({ name, value: new Sensitive(signature) });
  };
}
