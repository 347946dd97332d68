import type { Seeking } from '../../src/sources/types.ts';
import { invocationIn, type World } from './invocation.ts';

/** One run for a token source; what is to be hidden from stderr is gathered in `hidden`. */
export function seekingIn(
  world: World = {},
): Seeking & { readonly lines: readonly string[]; readonly hidden: readonly string[] } {
  const hidden: string[] = [];
  return {
    ...invocationIn(world),
    hidden,
    hide: (_name, secret) => hidden.push(secret.reveal().toString()),
  };
}
