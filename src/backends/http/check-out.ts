import { startDeadline } from '../../lib/deadline.ts';
import { SecretctlError } from '../../lib/errors.ts';
import { visible } from '../../lib/text.ts';
import { AccessTokenRefused } from '../types.ts';
import type { Verdict } from './answers.ts';
import { outputsIn } from './extract.ts';
import { sendFetching } from './fetching.ts';
import type { CheckOut, Request } from './recipe.ts';
import { send, type Sender } from './sender.ts';
import { type Value, type Values, withValues } from './values.ts';

/** What a check-in gets when the command's own time is up or a signal ended it. */
const GRACE_MS = 2000;

interface Subject {
  readonly values: Values;
  readonly text: string;
}

/**
 * Checks out, does `work`, and checks in again, however `work` ends and even when nobody can tell whether the check-out
 * took place. The check-in changes no result: when it fails there is a warning.
 */
export async function withCheckOut<Result>(
  sender: Sender,
  checkOut: CheckOut,
  { values, text }: Subject,
  work: (found: Readonly<Record<string, Value>>) => Promise<Result>,
): Promise<Result | { readonly refused: string }> {
  let isPerhapsOpen = true;
  let known = values;
  try {
    const verdict = await sendFetching(sender, withoutJson(checkOut), values);
    if (verdict.kind !== 'ok') {
      isPerhapsOpen = false;
      return { refused: `${verdict.status}${verdict.code}` };
    }
    const outputs = outputsIn(checkOut.outputs, verdict, values, 'open');
    const found = Object.fromEntries(Object.entries(outputs).map(([name, value]) => [`found.${name}`, value]));
    known = withValues(values, found);
    return await work(found);
  } catch (error) {
    if (known === values && isRefusal(error)) isPerhapsOpen = false;
    throw error;
  } finally {
    if (isPerhapsOpen) await checkIn(sender, checkOut, known, text);
  }
}

/** Where nothing is taken from the answer to a check-out, it may be anything. */
function withoutJson({ request, outputs }: CheckOut): Request {
  return Object.keys(outputs).length === 0 ? { ...request, answer: 'none' } : request;
}

function isRefusal(error: unknown): boolean {
  if (error instanceof AccessTokenRefused) return true;
  return error instanceof SecretctlError && (error.reason === 'BAD_REQUEST' || error.reason === 'LOCKED_OUT');
}

async function checkIn(sender: Sender, checkOut: CheckOut, values: Values, text: string): Promise<void> {
  const why = await tryCheckIn(sender, checkOut, values).catch((error: unknown) =>
    error instanceof SecretctlError ? error.reason : 'the access token was refused',
  );
  if (why === undefined) return;
  sender.context.invocation.journal.warn(
    `${visible(text)} could not be checked in again (${why}); it stays checked out until its time limit`,
  );
}

/** Why the secret is still out, or undefined. Once within the command's time, and once more in a little of its own. */
async function tryCheckIn(sender: Sender, checkOut: CheckOut, values: Values): Promise<string | undefined> {
  const { runtime, deadline } = sender.context.invocation;
  const request = { ...checkOut['check-in'], answer: 'none' as const };
  const sending = { isLoggedIn: true, maxAnswerBytes: sender.context.maxAnswerBytes };
  if (!deadline.signal.aborted) {
    try {
      return failureOf(await send(sender, request, values, sending));
    } catch (error) {
      if (!deadline.signal.aborted) throw error;
    }
  }
  const grace = startDeadline(runtime, GRACE_MS);
  try {
    return failureOf(await send(sender, request, values, { ...sending, deadline: grace }));
  } finally {
    grace.settle();
  }
}

function failureOf(verdict: Verdict): string | undefined {
  return verdict.kind === 'ok' ? undefined : `${verdict.status}${verdict.code}`;
}
