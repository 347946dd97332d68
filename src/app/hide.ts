import type { Sensitive } from '../lib/sensitive.ts';

/** From this call on, our own stderr shows nothing of the secret, in any of its usual spellings. */
export type Hide = (name: string, secret: Sensitive) => void;
