import { AccessTokenRefused, type Refused } from '../types.ts';
import { badRequest, type Failed, type Verdict } from './answers.ts';
import type { Request } from './recipe.ts';
import { send, type Sender } from './sender.ts';
import type { Values } from './values.ts';

/** Requests under way at the same time. */
export const AT_ONCE = 8;

/** Why a secret did not come: an outcome without its reference. */
export type Refusal = Pick<Refused, 'refusal' | 'reason'>;

/** Sends with the access token. Throws {@link AccessTokenRefused} and BAD_REQUEST. */
export async function sendFetching(
  sender: Sender,
  request: Request,
  values: Values,
  link?: string,
): Promise<Exclude<Verdict, { kind: 'unauthorized' }>> {
  const { maxAnswerBytes } = sender.context;
  const verdict = await send(sender, request, values, {
    isLoggedIn: true,
    maxAnswerBytes,
    ...(link !== undefined && { link }),
  });
  if (verdict.kind === 'unauthorized') throw new AccessTokenRefused();
  if (verdict.kind === 'rejected') throw badRequest(verdict);
  return verdict;
}

/** An outcome for a failure that concerns one secret. */
export function refusalOf(verdict: Failed, forbidden: string, missing: string): Refusal {
  const isForbidden = verdict.kind === 'forbidden';
  return {
    refusal: isForbidden ? 'forbidden' : 'missing',
    reason: `${isForbidden ? forbidden : missing}: ${verdict.status}${verdict.code}`,
  };
}
