import type { Secret } from '../lib/secrets.ts';
import { Sensitive } from '../lib/sensitive.ts';

/** The same secrets with their values in that encoding (RFC 4648, section 4, padded); undefined leaves them as they are. */
export function encodeSecrets(secrets: readonly Secret[], encoding: 'base64' | undefined): readonly Secret[] {
  if (encoding === undefined) return secrets;
  return secrets.map((secret) => ({ ...secret, value: new Sensitive(secret.value.reveal().toString(encoding)) }));
}
