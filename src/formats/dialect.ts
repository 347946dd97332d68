import type { Secret } from '../lib/secrets.ts';
import { withoutQuotes } from './quote.ts';
import { notRepresentable, refuseAsVariable, textOf } from './refuse.ts';
import type { Circumstances, Renderer } from './types.ts';

/** How one consumer of variables is written to: one piece of text for each. */
export interface Dialect {
  /** For messages: `fish`, `python-dotenv`. */
  readonly consumer: string;
  /** Ways out besides those that carry everything. */
  readonly instead: readonly string[];
  /** Whether values need not be UTF-8; then `text` is one character for each byte. */
  readonly carriesBytes?: boolean;
  /** Names that the consumer keeps for itself. */
  readonly owns?: RegExp;
  /** Why the consumer cannot hold this text, completing "NAME …"; undefined when it can. */
  obstacle?(text: string, circumstances: Circumstances): string | undefined;
  /** The text as it stands in the piece, with its quotes where they depend on it; as it is unless given. */
  spell?(text: string): string;
  /** The whole piece, line end included. Is asked only for what has no obstacle. */
  write(name: string, spelled: string, circumstances: Circumstances): string;
}

/** What writes variables in that dialect. */
export function variablesRenderer(dialect: Dialect): Renderer {
  const { consumer, instead, owns, carriesBytes = false, obstacle, spell = asItIs, write } = dialect;
  const encoding = carriesBytes ? 'latin1' : 'utf8';
  const textIn = (secret: Secret): string =>
    carriesBytes ? secret.value.reveal().toString('latin1') : textOf(secret, consumer);
  const piece = (secret: Secret, circumstances: Circumstances): Buffer => {
    refuseAsVariable(secret, consumer);
    if (owns?.test(secret.name) === true) throw notRepresentable(secret, consumer, { what: OWNED, instead: RENAME });
    const text = textIn(secret);
    const what = obstacle?.(text, circumstances);
    if (what !== undefined) throw notRepresentable(secret, consumer, { what, instead });
    return Buffer.from(write(secret.name, spell(text), circumstances), encoding);
  };
  return {
    render: (secrets, circumstances) => Buffer.concat(secrets.map((secret) => piece(secret, circumstances))),
    spelled: (secret) => Buffer.from(withoutQuotes(spell(textIn(secret))), encoding),
  };
}

function asItIs(text: string): string {
  return text;
}

const OWNED = 'has a name that it keeps for itself';
const RENAME = ['write OTHER_NAME=REFERENCE'];
