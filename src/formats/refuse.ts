import { SecretctlError } from '../lib/errors.ts';
import type { Secret } from '../lib/secrets.ts';
import { visible } from '../lib/text.ts';

/** Longest value, bytes, that every program can still be started with as one variable: Linux takes 131,071 with the name. */
const LONGEST_VARIABLE = 131_000;

/** What one consumer cannot read back, and which of our formats can carry it. */
export interface Consumer {
  /** Who reads it, completing "… cannot be read back by": `sh`. */
  readonly title: string;
  /** Ways out, each completing "use": `--format sh`. */
  readonly alternatives: readonly string[];
}

const ENCODE = '--encode base64 and decode it where it is used';
const OWN_FILE = '--format raw -o FILE for this secret alone';

/**
 * The error for a value that a consumer cannot hold: NOT_REPRESENTABLE with the secret's name and reference and what
 * it holds, such as "a NUL byte"; never the value.
 */
export function notRepresentable(secret: Secret, consumer: Consumer, what: string): SecretctlError {
  const source = secret.reference === '' ? '' : ` (${visible(secret.reference)})`;
  return new SecretctlError(
    'NOT_REPRESENTABLE',
    `${visible(secret.name)}${source} holds ${what}, which cannot be read back by ${consumer.title}`,
    { hint: [...consumer.alternatives, ENCODE, OWN_FILE].map((way) => `use ${way}`) },
  );
}

/** The value as text. Throws NOT_REPRESENTABLE for bytes that are not UTF-8. */
export function textOf(secret: Secret, consumer: Consumer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(secret.value.reveal());
  } catch {
    throw notRepresentable(secret, consumer, 'bytes that are not UTF-8');
  }
}

/**
 * Stops what no environment variable can hold: a NUL byte (NOT_REPRESENTABLE), a value so long that no program can
 * be started with it (NOT_REPRESENTABLE), a name that is no plain identifier and so would be code (NAME_INVALID).
 */
export function refuseAsVariable(secret: Secret, consumer: Consumer): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(secret.name)) {
    throw new SecretctlError('NAME_INVALID', `"${visible(secret.name)}" is not a name that ${consumer.title} can set`, {
      hint: 'write NAME=REFERENCE with a name of letters, digits and underscores',
    });
  }
  if (secret.value.reveal().includes(0)) throw notRepresentable(secret, consumer, 'a NUL byte');
  if (secret.value.byteLength > LONGEST_VARIABLE) {
    throw notRepresentable(secret, consumer, `more than ${LONGEST_VARIABLE} bytes, the most that a variable may have`);
  }
}
