import type { Secret } from '../lib/secrets.ts';
import { yamlEscaped, yamlQuoted } from './quote.ts';
import { spelledText } from './refuse.ts';
import type { Renderer } from './types.ts';

const CONSUMER = 'YAML readers';

/** One mapping, NAME -> string, every key and value in double quotes: no reader, 1.1 or 1.2, takes them for anything but text. */
export const yaml: Renderer = {
  render(secrets) {
    const entries = secrets.flatMap((secret) => [
      Buffer.from(`${yamlQuoted(secret.name)}: "`),
      spelled(secret),
      Buffer.from('"\n'),
    ]);
    return secrets.length === 0 ? Buffer.from('{}\n') : Buffer.concat(entries);
  },
  spelled,
};

function spelled(secret: Secret): Buffer {
  return spelledText(secret, CONSUMER, yamlEscaped);
}
