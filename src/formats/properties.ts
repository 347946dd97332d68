import type { Secret } from '../lib/secrets.ts';
import { spelledText } from './refuse.ts';
import type { Renderer } from './types.ts';

const CONSUMER = 'Java Properties';

const SHORT: Readonly<Record<string, string>> = {
  '\\': String.raw`\\`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
};

/**
 * `NAME=value` lines for `java.util.Properties` (`load`, of a stream or of a reader): all that is not printable ASCII
 * is escaped, so that no encoding is guessed.
 */
export const properties: Renderer = {
  render(secrets) {
    const lines = secrets.flatMap((secret) => {
      const text = spelled(secret);
      // White space before the value would be skipped.
      const start = text[0] === 0x20 ? '\\' : '';
      return [Buffer.from(`${secret.name}=${start}`), text, Buffer.from('\n')];
    });
    return Buffer.concat(lines);
  },
  spelled,
};

function spelled(secret: Secret): Buffer {
  return spelledText(secret, CONSUMER, escaped);
}

function escaped(text: string): string {
  return text.replace(/[^\x20-\x5b\x5d-\x7e]/g, (unit) => SHORT[unit] ?? `\\u${hex(unit)}`);
}

function hex(unit: string): string {
  return unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
}
