import type { Secret } from '../lib/secrets.ts';
import { notRepresentable, refuseAsVariable, textOf } from './refuse.ts';
import type { Renderer } from './types.ts';

const CONSUMER = 'a dotenv reader (npm dotenv, dotenvx or Node)';
const INSTEAD = ['use --format sh and source it', 'use --format json'];

/**
 * Lines that npm dotenv 16 to 18, dotenvx and Node's `--env-file` all read back as the same value
 * (ci-platforms-and-formats.md, 6.3: none of them has an escape for its own quote).
 */
export const dotenv: Renderer = {
  render: (secrets) => Buffer.from(secrets.map((secret) => `${secret.name}=${spelled(secret)}\n`).join('')),
};

function spelled(secret: Secret): string {
  refuseAsVariable(secret, CONSUMER);
  const text = textOf(secret, CONSUMER);
  const quote = quoteFor(text);
  const what = obstacle(text) ?? (quote === undefined ? mixture(text) : undefined);
  if (what !== undefined) throw notRepresentable(secret, CONSUMER, { what, instead: INSTEAD });
  return `${quote}${text}${quote}`;
}

function obstacle(text: string): string | undefined {
  if (text.includes('\r')) return 'holds a carriage return';
  if (text.includes('$(')) return 'holds "$(", which some of them run as a command';
  if (text.startsWith('encrypted:')) return 'begins with "encrypted:", which dotenvx would decrypt';
  // Readers take a backslash and the closing quote for a quote, and go on into the next variable.
  return text.endsWith('\\') ? 'ends with a backslash' : undefined;
}

/** Why no quote will do, in words: which of the characters that exclude one another it has. */
function mixture(text: string): string {
  if (text.includes('$')) return `holds both "'" and "$"`;
  return text.includes('"') ? 'holds all three kinds of quotes' : `holds "'", "\`" and a backslash before n or r`;
}

/** The quote in which these readers take every character as it stands; undefined when there is none. */
function quoteFor(text: string): string | undefined {
  if (!text.includes("'")) return "'";
  // dotenvx expands variables in the other two.
  if (text.includes('$')) return undefined;
  if (!text.includes('`')) return '`';
  return /"|\\[nr]/.test(text) ? undefined : '"';
}
