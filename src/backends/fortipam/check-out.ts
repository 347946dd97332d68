import { startDeadline } from '../../lib/deadline.ts';
import { SecretctlError } from '../../lib/errors.ts';
import { visible } from '../../lib/text.ts';
import { type Api, type Ruling, rulingOn } from './api.ts';
import { checkInTarget, checkOutTarget, type SecretId } from './requests.ts';

/** What a check-in gets when the command's own time is up or a signal ended it. */
const GRACE_MS = 2000;

/** A check-out that the server would not give. */
export interface CheckOutRefused {
  readonly refused: string;
}

/**
 * Checks a secret out, does `work`, and checks it in again, however `work` ends and even when nobody can tell
 * whether the check-out took place. The check-in changes no result: when it fails there is a warning.
 */
export async function withCheckOut<Result>(
  api: Api,
  secret: { readonly id: SecretId; readonly text: string },
  work: () => Promise<Result>,
): Promise<Result | CheckOutRefused> {
  const target = checkOutTarget(api.values, secret.id);
  let isPerhapsOpen = true;
  try {
    const answer = await api.send(target);
    isPerhapsOpen = answer.status < 400 || answer.status >= 500;
    const ruling = rulingOn(answer);
    if (ruling.kind !== 'ok') {
      isPerhapsOpen = false;
      return { refused: `${ruling.status}${ruling.code}` };
    }
    return await work();
  } finally {
    if (isPerhapsOpen) await checkIn(api, secret);
  }
}

async function checkIn(api: Api, secret: { readonly id: SecretId; readonly text: string }): Promise<void> {
  const why = await tryCheckIn(api, secret.id).catch(reasonOf);
  if (why === undefined) return;
  api.invocation.journal.warn(
    `${visible(secret.text)} could not be checked in again (${why}); it stays checked out until its time limit`,
  );
}

/** Why the secret is still out, or undefined. Once within the command's time, and once more in a little of its own. */
async function tryCheckIn(api: Api, id: SecretId): Promise<string | undefined> {
  const target = checkInTarget(api.values, id);
  const { runtime, deadline } = api.invocation;
  if (!deadline.signal.aborted) {
    try {
      return refusalOf(rulingOn(await api.send(target)));
    } catch (error) {
      if (!deadline.signal.aborted) throw error;
    }
  }
  const grace = startDeadline(runtime, GRACE_MS);
  try {
    return refusalOf(rulingOn(await api.send(target, grace)));
  } finally {
    grace.settle();
  }
}

function refusalOf(ruling: Ruling): string | undefined {
  return ruling.kind === 'ok' ? undefined : `${ruling.status}${ruling.code}`;
}

function reasonOf(error: unknown): string {
  return error instanceof SecretctlError ? error.reason : 'the access token was refused';
}
