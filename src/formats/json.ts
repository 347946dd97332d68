import type { Secret } from '../lib/secrets.ts';
import { spelledText } from './refuse.ts';
import type { Renderer } from './types.ts';

const CONSUMER = 'JSON readers';

/** One object, NAME -> string, keys in the order asked (RFC 8259). */
export const json: Renderer = {
  render(secrets) {
    // Not JSON.stringify of an object: that would lose a member called `__proto__`.
    const members = secrets.flatMap((secret, index) => [
      Buffer.from(`${index === 0 ? '{' : ','}\n  ${JSON.stringify(secret.name)}: "`),
      spelled(secret),
      Buffer.from('"'),
    ]);
    return secrets.length === 0 ? Buffer.from('{}\n') : Buffer.concat([...members, Buffer.from('\n}\n')]);
  },
  spelled,
};

function spelled(secret: Secret): Buffer {
  return spelledText(secret, CONSUMER, (text) => JSON.stringify(text).slice(1, -1));
}
