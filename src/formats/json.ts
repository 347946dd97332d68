import { textOf } from './refuse.ts';
import type { Format } from './types.ts';

const CONSUMER = 'JSON readers';

/** One object, NAME -> string, keys in the order asked (RFC 8259). */
export const json: Format = {
  name: 'json',
  help: 'one JSON object, for programs',
  single: false,
  isEnvironment: false,
  render(secrets) {
    // Not JSON.stringify of an object: that would lose a member called `__proto__`.
    const members = secrets.map(
      (secret) => `  ${JSON.stringify(secret.name)}: ${JSON.stringify(textOf(secret, CONSUMER))}`,
    );
    return Buffer.from(members.length === 0 ? '{}\n' : `{\n${members.join(',\n')}\n}\n`);
  },
};
