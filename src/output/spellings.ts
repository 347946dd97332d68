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
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const bits = (shift + bytes.length) * 8;
    return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(bits / 6));
  });
}

/** Every usual spelling of one secret: as it is, base64, base64url, hex, percent-encoded, in JSON, as messages show it. */
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
  const hex = bytes.toString('hex');
  yield hex;
  yield hex.toUpperCase();
}

function* writtenForms(text: string): Generator<string> {
  const percent = encodeURIComponent(text.toWellFormed());
  yield percent;
  yield percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const json = JSON.stringify(text).slice(1, -1);
  yield json;
  yield json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  // Of a longer one only the beginning would be shown, and that is found in the text itself.
  if (text.length <= 200) yield visible(text);
  yield harmless(text);
}
