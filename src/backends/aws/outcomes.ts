import { visible } from '../../lib/text.ts';
import type { Sensitive } from '../../lib/sensitive.ts';
import type { Outcome } from '../types.ts';
import { type Failure, told } from './failures.ts';
import type { Wanted } from './references.ts';

/** References that want the same thing: it is asked for once. */
export interface Item<One extends Wanted = Wanted> {
  readonly one: One;
  readonly all: readonly One[];
}

/** What came of asking for one thing. */
export type Found =
  | { readonly value: Sensitive; readonly version?: string }
  | { readonly refusal: 'missing' | 'forbidden'; readonly reason: string };

/** References by what they want; the order is that of the first of each. */
export function itemsOf<One extends Wanted>(
  wanted: readonly One[],
  nameOf: (one: One) => string,
): readonly Item<One>[] {
  const groups = [...Map.groupBy(wanted, nameOf).values()];
  return groups.flatMap((all) => {
    const [one] = all;
    return one === undefined ? [] : [{ one, all }];
  });
}

/** The same for everyone who asked. */
export function outcomesOf({ all }: Item, found: Found): readonly Outcome[] {
  return all.map(({ ref, rest }) => ('refusal' in found ? { ref, ...found } : { ref, rest, ...found }));
}

/** What a refusal means for one secret or parameter; undefined for one that is not about it. */
export function refusedBy(failure: Failure): Found | undefined {
  if (FORBIDDEN.has(failure.code)) return { refusal: 'forbidden', reason: told(failure) };
  if (MISSING.has(failure.code)) return { refusal: 'missing', reason: told(failure) };
  // Its name says nothing: a secret that is going to be deleted is an invalid request, and so is much else.
  const isLeaving = failure.code === 'InvalidRequestException' && /\bdelet/.test(failure.message);
  if (isLeaving) return { refusal: 'missing', reason: told(failure) };
  return undefined;
}

/** What did not come in a batch or by a name. */
export function missing(reason: string): Found {
  return { refusal: 'missing', reason: visible(reason) };
}

/** A key that may not be used keeps a value as well as a policy does. */
const FORBIDDEN = new Set(['AccessDeniedException', 'AccessDenied', 'DecryptionFailure', 'InvalidKeyId']);

const MISSING = new Set(['ResourceNotFoundException', 'ParameterNotFound', 'ParameterVersionNotFound']);
