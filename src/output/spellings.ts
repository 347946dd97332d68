import { harmless, visible } from '../lib/text.ts';

/** The text of UTF-8 bytes, or undefined when they are not UTF-8. */
export function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The trimmed lines of a text that are not empty. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/**
 * The base64 letters (RFC 4648, section 4) that these bytes always give, wherever they stand in a longer text: one
 * for each of the three alignments, without the letters that their neighbours have a part in.
 */
export function base64Cores(bytes: Buffer): string[] {
  const behindTwo = Buffer.concat([Buffer.alloc(2), bytes]);
  return [0, 1, 2].map((shift) => {
    const bits = (shift + bytes.length) * 8;
    const encoded = behindTwo.toString('base64', 2 - shift);
    return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(bits / 6));
  });
}

/** Every usual spelling of one secret, letter case aside: as it is, base64, base64url, hex, percent-encoded, in JSON, as messages show it. */
export function* spellings(bytes: Buffer): Generator<string> {
  const text = utf8(bytes);
  yield text ?? bytes.toString('latin1');
  if (text !== undefined) {
    yield text.trim();
    yield* linesOf(text);
    yield* writtenForms(text);
  }
  const whole = bytes.toString('base64');
  for (const core of [whole, ...base64Cores(bytes)]) {
    yield core;
    yield core.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  }
  yield bytes.toString('hex');
}

function* writtenForms(text: string): Generator<string> {
  const percent = encodeURIComponent(text.toWellFormed());
  yield percent;
  const json = JSON.stringify(text).slice(1, -1);
  yield json;
  yield json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  // Of a longer one only the beginning would be shown, and that is found in the text itself.
  if (text.length <= 200) yield visible(text);
  yield harmless(text);
}

/** So many bytes of a secret are spelled at a time: the memory for it stays small however big the secret is. */
const SLICE = 24 * 1024;

/** More than the bytes of one character, and than any run that is looked for is made of; a multiple of three, for base64. */
const OVERLAP = 96;

/**
 * The same for a secret of any size, in slices that overlap: no run of a few characters of any spelling is lost
 * between two of them.
 */
export function* spellingsInSlices(bytes: Buffer): Generator<string> {
  for (let start = 0; ; start += SLICE) {
    const end = start + SLICE + OVERLAP;
    yield* spellings(wholeCharacters(bytes.subarray(start, end), start > 0, end < bytes.length));
    if (end >= bytes.length) return;
  }
}

/** Without the bytes of a UTF-8 character that was cut at either end; bytes that are no UTF-8 stay as they are. */
function wholeCharacters(slice: Buffer, isCutBefore: boolean, isCutAfter: boolean): Buffer {
  if (utf8(slice) !== undefined) return slice;
  const fronts = isCutBefore ? [0, 1, 2, 3] : [0];
  const backs = isCutAfter ? [0, 1, 2, 3] : [0];
  for (const front of fronts) {
    for (const back of backs) {
      const whole = slice.subarray(front, slice.length - back);
      if (utf8(whole) !== undefined) return whole;
    }
  }
  return slice;
}

/** How messages spell what the user wrote: as it is, made visible, and in the path of a URL, whole or by segments. */
export function publicSpellings(text: string): readonly string[] {
  if (text === '') return [];
  const written = text.toWellFormed();
  const segments = written.split('/').map(encodeURIComponent).join('/');
  return [text, visible(text), encodeURIComponent(written), segments];
}
