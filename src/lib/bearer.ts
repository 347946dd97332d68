import { Sensitive } from './sensitive.ts';

/** The value of an `Authorization` header that presents a token (RFC 6750 2.1). */
export function bearer(token: Sensitive): Sensitive {
  return new Sensitive(Buffer.concat([Buffer.from('Bearer '), token.reveal()]));
}
