import type { Secret } from '../lib/secrets.ts';
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
  /** The whole piece, line end included. Is asked only for what has no obstacle. */
  write(name: string, text: string, circumstances: Circumstances): string;
}

/** What writes variables in that dialect. */
export function variablesRenderer(dialect: Dialect): Renderer {
  const { consumer, instead, owns, carriesBytes = false, obstacle, write } = dialect;
  const encoding = carriesBytes ? 'latin1' : 'utf8';
  const piece = (secret: Secret, circumstances: Circumstances): Buffer => {
    refuseAsVariable(secret, consumer);
    if (owns?.test(secret.name) === true) throw notRepresentable(secret, consumer, { what: OWNED, instead: RENAME });
    const text = carriesBytes ? secret.value.reveal().toString('latin1') : textOf(secret, consumer);
    const what = obstacle?.(text, circumstances);
    if (what !== undefined) throw notRepresentable(secret, consumer, { what, instead });
    return Buffer.from(write(secret.name, text, circumstances), encoding);
  };
  return { render: (secrets, circumstances) => Buffer.concat(secrets.map((secret) => piece(secret, circumstances))) };
}

const OWNED = 'has a name that it keeps for itself';
const RENAME = ['write OTHER_NAME=REFERENCE'];
