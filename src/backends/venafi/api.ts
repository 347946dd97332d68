import { bearer } from '../../lib/bearer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { duration } from '../../lib/text.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import { AccessTokenRefused, type BackendContext, type Refused } from '../types.ts';
import { refuseFinal, rejected, wordsOf } from './answers.ts';
import type { Target } from './requests.ts';
import type { VenafiValues } from './settings.ts';

/** Sends with one access token. */
export interface Api {
  readonly context: BackendContext<VenafiValues>;
  /**
   * A success, or why there is none. While a certificate is being issued (409) it asks again, within the command's
   * budget; TIMEOUT when that is not long enough. Throws {@link AccessTokenRefused} for 401, BAD_REQUEST for what the
   * server does not understand.
   */
  ask(target: Target): Promise<HttpAnswer | Miss>;
}

/** Why a reference brings nothing. */
export type Miss = Pick<Refused, 'refusal' | 'reason'>;

const NOT_YET = 409;
const SHORTEST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5000;

/** The API of this backend. Sends nothing yet. */
export function openApi(context: BackendContext<VenafiValues>, accessToken: AccessToken): Api {
  const { http, maxAnswerBytes } = context;
  return {
    context,
    async ask(target) {
      for (let pauses = 0; ; pauses++) {
        const answer = await http.send({
          ...target,
          secretHeaders: { authorization: bearer(accessToken.value) },
          maxAnswerBytes,
        });
        if (answer.status === 401) throw new AccessTokenRefused();
        refuseFinal(answer);
        if (answer.status !== NOT_YET) return answer.status < 400 ? answer : missIn(answer);
        await pauseForIssuing(context, pauses, answer.request);
      }
    },
  };
}

/** Whether it is the reason for nothing. */
export function isMiss(one: object): one is Miss {
  return 'refusal' in one;
}

/** Waits until it is worth asking again for a certificate that is being issued. */
export async function pauseForIssuing(
  { invocation }: BackendContext<VenafiValues>,
  pauses: number,
  request: string,
): Promise<void> {
  const { deadline, runtime, journal } = invocation;
  const pauseMs = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** Math.min(pauses, 8));
  if (deadline.remainingMs() <= pauseMs) {
    const budget = duration(deadline.budgetMs);
    throw new SecretctlError('TIMEOUT', `the certificate is still being issued (${request}); ${budget} are too short`, {
      hint: 'raise --timeout, or run the job again once the certificate is approved and signed',
    });
  }
  journal.debug('the certificate is still being issued', { pauseMs });
  await runtime.sleep(pauseMs, deadline.signal);
}

function missIn(answer: HttpAnswer): Miss {
  const what = `${answer.status}${wordsOf(answer)}`;
  if (answer.status === 404) return { refusal: 'missing', reason: `the server does not know the certificate: ${what}` };
  if (answer.status === 403) return { refusal: 'forbidden', reason: `the built-in account may not: ${what}` };
  throw rejected(answer);
}
