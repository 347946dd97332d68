import { tooMany } from './refuse.ts';
import type { Renderer } from './types.ts';

/** One secret, its exact bytes, nothing added. */
export const raw: Renderer = {
  render(secrets) {
    const [only, ...others] = secrets;
    if (only === undefined || others.length > 0) throw tooMany(secrets.length);
    return Buffer.from(only.value.reveal());
  },
};
