import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Shortest run of a secret's characters that counts as a leak (P3). */
export const WINDOW = 8;

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

/** A secret and how many characters in a row of it give it away. */
export interface Canary {
  readonly secret: string;
  readonly window: number;
}

/** Looks for every canary in six spellings, and for any few characters in a row of one. */
export function findLeaks(place: string, content: Buffer | string, canaries: readonly (Canary | string)[]): Leak[] {
  const text = typeof content === 'string' ? content : content.toString('latin1');
  const pieces = piecesOf(text);
  return canaries.flatMap((one, index) =>
    spellings(...(typeof one === 'string' ? ([one, WINDOW] as const) : ([one.secret, one.window] as const)))
      .filter(([, needles]) => needles.some((needle) => pieces(needle)))
      .map(([spelling]) => ({ place, canary: `canary ${index}`, spelling })),
  );
}

/** Longest text whose pieces are all listed once: thousands are asked for. */
const LISTED = 100_000;

/** Whether a text contains another one. */
function piecesOf(text: string): (piece: string) => boolean {
  if (text.length > LISTED) return (piece) => text.includes(piece);
  const listed = new Map<number, ReadonlySet<string>>();
  return (piece) => {
    let pieces = listed.get(piece.length);
    if (pieces === undefined) listed.set(piece.length, (pieces = new Set(windows(text, piece.length))));
    return pieces.has(piece);
  };
}

/** The same for every regular file below a directory, names included. */
export function findLeaksBelow(
  directory: string,
  canaries: readonly (Canary | string)[],
  except: readonly string[] = [],
): Leak[] {
  return filesBelow(directory)
    .filter((file) => !except.includes(file))
    .flatMap((file) => [
      ...findLeaks(file, readFileSync(file), canaries),
      ...findLeaks(`name of ${file}`, file, canaries),
    ]);
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

type Spellings = readonly (readonly [name: string, needles: readonly string[]])[];

/** Those of the last few canaries: a test looks for the same ones again and again. */
const known = new Map<string, Spellings>();

function spellings(secret: string, window: number): Spellings {
  const key = `${window} ${secret}`;
  const found = known.get(key) ?? spelled(secret, window);
  if (known.size > 200) known.clear();
  known.set(key, found);
  return found;
}

function spelled(secret: string, window: number): Spellings {
  const bytes = Buffer.from(secret, 'utf8');
  const cores = [0, 1, 2].map((shift) => base64Core(bytes, shift));
  const escaped = (form: (byte: number) => string): string => [...bytes].map(form).join('');
  return [
    ['raw', windows(secret, window)],
    ['base64', cores.flatMap((core) => windows(core, 2 * window))],
    ['base64url', cores.flatMap((core) => windows(core.replaceAll('+', '-').replaceAll('/', '_'), 2 * window))],
    ['hex', windows(bytes.toString('hex'), 2 * window)],
    [
      'URL',
      windows(
        escaped((byte) => `%${byte.toString(16).padStart(2, '0')}`),
        3 * window,
      ),
    ],
    [
      'JSON',
      windows(
        escaped((byte) => `\\u${byte.toString(16).padStart(4, '0')}`),
        6 * window,
      ),
    ],
  ];
}

/** All substrings of a length; the whole text when it is shorter. */
function windows(text: string, length: number): string[] {
  if (text.length <= length) return [text];
  return Array.from({ length: text.length - length + 1 }, (_, start) => text.slice(start, start + length));
}

/** The characters of a base64 text that depend on the secret alone, for a secret that starts `shift` bytes into a group. */
function base64Core(bytes: Buffer, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  return encoded.slice(shift === 0 ? 0 : shift + 1, -2);
}
