import { createHash } from 'node:crypto';
import { jsonIn, textMember } from '../../lib/json.ts';
import type { OwnValues } from '../types.ts';

/** Where the resilient package is. */
export const PACKAGE = 'v1/rps/export';

/** Documents of the API: JSON objects, the resilient package one of them, opaque to everybody but the holder of a key. */
export const documents: OwnValues = {
  // The package itself is not among them: to ask for it takes a key.
  paths: ['v1/rps/metadata', 'v2/pim/datastores'],
  make: (paths) => Promise.resolve(new Map(paths.map((path) => [path, document(path)]))),
  fieldsOf(value) {
    const json = jsonIn(value);
    return Object.fromEntries(
      ['label', 'algorithm'].map((name) => [name, Buffer.from(textMember(json, name) ?? '')] as const),
    );
  },
};

/** As opaque as a real one, and another one for each path. */
function document(path: string): Buffer {
  const bytes = (purpose: string): Buffer => createHash('sha512').update(`${purpose} ${path}`).digest();
  return Buffer.from(
    JSON.stringify({
      label: `rehearsal-${bytes('label').toString('hex', 0, 4)}`,
      algorithm: 'RSA-OAEP-256',
      encryptedKey: bytes('key').toString('base64'),
      policy: bytes('policy').toString('base64'),
    }),
  );
}
