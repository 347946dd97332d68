import { SecretctlError } from '../lib/errors.ts';
import type { Secret } from '../lib/secrets.ts';
import { visible } from '../lib/text.ts';

/** Longest value, bytes, that a program can still be started with as one variable. */
const LONGEST_VALUE = 131_000;

/** Linux takes so many for name, equals sign and value. */
const LONGEST_VARIABLE = 131_071;

/** Ways out that carry any value. */
const ALWAYS = [
  'use --encode base64 and decode it where it is used',
  'use --files DIR, or --format raw -o FILE for this secret alone',
];

/** Why a consumer cannot read one secret back. */
export interface Obstacle {
  /** Completing "NAME …": `holds a NUL byte`. Nothing of the value. */
  readonly what: string;
  /** Ways out besides base64 and a file of its own, each a sentence. */
  readonly instead: readonly string[];
}

const NUL: Obstacle = { what: 'holds a NUL byte', instead: [] };
const NOT_UTF8: Obstacle = { what: 'holds bytes that are not UTF-8', instead: [] };
const TOO_LONG: Obstacle = {
  what: `has, with its name, more than ${LONGEST_VALUE} bytes, and no program could be started with it in its environment`,
  instead: ['use --format json'],
};

/** The error for a value that a consumer cannot hold: NOT_REPRESENTABLE with the secret's name and reference. */
export function notRepresentable(secret: Secret, consumer: string, { what, instead }: Obstacle): SecretctlError {
  const source = secret.reference === '' ? '' : ` (${visible(secret.reference)})`;
  return new SecretctlError(
    'NOT_REPRESENTABLE',
    `${visible(secret.name)}${source} ${what}; ${consumer} would not read it back as it is`,
    { hint: [...instead, ...ALWAYS] },
  );
}

/** The value as text. Throws NOT_REPRESENTABLE for bytes that are not UTF-8. */
export function textOf(secret: Secret, consumer: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(secret.value.reveal());
  } catch {
    throw notRepresentable(secret, consumer, NOT_UTF8);
  }
}

/** So many bytes of a value are written at a time: of a big one, text costs several times its bytes. */
const SLICE = 64 * 1024;

/** The value as text of a format, each piece of it through `spell`. Throws NOT_REPRESENTABLE for bytes that are not UTF-8. */
export function spelledText(secret: Secret, consumer: string, spell: (text: string) => string): Buffer {
  const bytes = secret.value.reveal();
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const pieces: Buffer[] = [];
  try {
    for (let start = 0; start < bytes.length; start += SLICE) {
      pieces.push(Buffer.from(spell(decoder.decode(bytes.subarray(start, start + SLICE), { stream: true }))));
    }
    decoder.decode();
  } catch {
    throw notRepresentable(secret, consumer, NOT_UTF8);
  }
  return Buffer.concat(pieces);
}

/**
 * Stops what no environment variable can hold: a NUL byte (NOT_REPRESENTABLE), a value so long that no program can
 * be started with it (NOT_REPRESENTABLE), a name that is no plain identifier and so would be code (NAME_INVALID).
 */
export function refuseAsVariable(secret: Secret, consumer: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(secret.name)) {
    throw new SecretctlError('NAME_INVALID', `"${visible(secret.name)}" is not a name that ${consumer} can set`, {
      hint: 'write NAME=REFERENCE with a name of letters, digits and underscores, at most 255 of them',
    });
  }
  if (secret.value.reveal().includes(0)) throw notRepresentable(secret, consumer, NUL);
  const { byteLength } = secret.value;
  if (byteLength > LONGEST_VALUE || secret.name.length + 1 + byteLength > LONGEST_VARIABLE) {
    throw notRepresentable(secret, consumer, TOO_LONG);
  }
}

/** The error for any other number of secrets than one, where a format carries one. */
export function tooMany(count: number): SecretctlError {
  return new SecretctlError('USAGE', `--format raw writes exactly one secret, and ${count} were asked for`, {
    hint: ['name one secret', 'use --format json for several'],
  });
}
