import { createIssuerKey } from '../../src/lib/jwt.ts';

/** One issuer's key for all rehearsals of a test file: making one takes longer than all the rest of a rehearsal. */
export const issuerKey = await createIssuerKey();
