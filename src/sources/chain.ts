import { readToken } from '../lib/jwt.ts';
import type { TokenSource } from './types.ts';

/** Another backend, which gave a token instead of a secret: a token exchange in front of this one. */
export const chainSource: TokenSource = {
  name: 'another backend',
  async find({ given }) {
    if (given === undefined) return { here: false, reason: 'not asked for (--token-secret)' };
    return readToken(given.jwt, given.origin);
  },
};
