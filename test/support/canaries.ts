import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Shortest run of characters that counts as a leak (P3). */
const WINDOW = 8;

/** A value that nothing else in the world contains: plain letters and digits, so that any spelling of it is findable. */
export function canary(length = 32): string {
  return randomBytes(length).toString('hex').slice(0, length);
}

/** A word for each place that must stay free of canaries, and what was found there. */
export interface Leak {
  readonly place: string;
  readonly canary: string;
  readonly spelling: string;
}

/** Looks for every canary in six spellings, and for any 8 characters in a row of one. */
export function findLeaks(place: string, content: Buffer | string, canaries: readonly string[]): Leak[] {
  const text = typeof content === 'string' ? content : content.toString('latin1');
  return canaries.flatMap((secret, index) =>
    spellings(secret)
      .filter(([, needles]) => needles.some((needle) => text.includes(needle)))
      .map(([spelling]) => ({ place, canary: `canary ${index}`, spelling })),
  );
}

/** The same for every regular file below a directory, names included. */
export function findLeaksBelow(directory: string, canaries: readonly string[], except: readonly string[] = []): Leak[] {
  return filesBelow(directory)
    .filter((file) => !except.includes(file))
    .flatMap((file) => [...findLeaks(file, readFileSync(file), canaries), ...findLeaks(`name of ${file}`, file, canaries)]);
}

/** Every regular file below a directory. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const full = path.join(directory, name);
    const stat = lstatSync(full);
    if (stat.isDirectory()) return filesBelow(full);
    return stat.isFile() ? [full] : [];
  });
}

function spellings(secret: string): [name: string, needles: string[]][] {
  const bytes = Buffer.from(secret, 'utf8');
  return [
    ['raw', windows(secret)],
    ['base64', [0, 1, 2].flatMap((shift) => windows(base64Core(bytes, shift), 16))],
    ['base64url', [0, 1, 2].flatMap((shift) => windows(base64Core(bytes, shift).replaceAll('+', '-').replaceAll('/', '_'), 16))],
    ['hex', windows(bytes.toString('hex'), 2 * WINDOW)],
    ['URL', windows([...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''), 3 * WINDOW)],
    ['JSON', windows([...secret].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''), 6 * WINDOW)],
  ];
}

/** All substrings of a length; the whole text when it is shorter. */
function windows(text: string, length = WINDOW): string[] {
  if (text.length <= length) return [text];
  return Array.from({ length: text.length - length + 1 }, (_, start) => text.slice(start, start + length));
}

/** The characters of a base64 text that depend on the secret alone, for a secret that starts `shift` bytes into a group. */
function base64Core(bytes: Buffer, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '');
  return encoded.slice(shift === 0 ? 0 : shift + 1, -2);
}
