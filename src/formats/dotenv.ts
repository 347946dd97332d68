import type { Secret } from '../lib/secrets.ts';
import { type Consumer, notRepresentable, refuseAsVariable, textOf } from './refuse.ts';
import type { Format } from './types.ts';

const CONSUMER: Consumer = {
  title: 'dotenv readers (npm dotenv, dotenvx, Node --env-file)',
  alternatives: ['--format sh', '--format json'],
};

/**
 * Lines that npm dotenv 16 to 18, dotenvx and Node's `--env-file` all read back as the same value
 * (ci-platforms-and-formats.md, 6.3: none of them has an escape for its own quote).
 */
export const dotenv: Format = {
  name: 'dotenv',
  help: 'a .env file for Node: npm dotenv, dotenvx and --env-file',
  single: false,
  isEnvironment: true,
  render: (secrets) => Buffer.from(secrets.map((secret) => `${secret.name}=${spelled(secret)}\n`).join('')),
};

function spelled(secret: Secret): string {
  refuseAsVariable(secret, CONSUMER);
  const text = textOf(secret, CONSUMER);
  if (text.includes('\r')) throw notRepresentable(secret, CONSUMER, 'a carriage return');
  if (text.includes('$(')) throw notRepresentable(secret, CONSUMER, '"$(", which some of them run as a command');
  // A backslash before the closing quote makes readers go on into the next variable.
  if (text.endsWith('\\')) throw notRepresentable(secret, CONSUMER, 'a backslash at its end');
  const quote = quoteFor(text);
  if (quote === undefined) throw notRepresentable(secret, CONSUMER, 'a mixture of quotes, "$" and backslashes');
  return `${quote}${text}${quote}`;
}

/** The quote in which these readers take every character as it stands; undefined when there is none. */
function quoteFor(text: string): string | undefined {
  if (!text.includes("'")) return "'";
  // dotenvx expands variables in the other two.
  if (text.includes('$')) return undefined;
  if (!text.includes('`')) return '`';
  return /"|\\[nr]/.test(text) ? undefined : '"';
}
