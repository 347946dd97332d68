import { refuseHtml } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import type { Invocation } from '../../lib/invocation.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import { AccessTokenRefused, type BackendContext } from '../types.ts';
import { refuseFinal, wordsOf } from './answers.ts';
import { INLINE_TOKEN, inlineHeaders, isInlineFailed, isLoginNeeded } from './inline.ts';
import { loginRefusal } from './refusal.ts';
import { commonHeaders, type Target } from './requests.ts';
import type { VaultValues } from './settings.ts';

/** Sends to one server, with or without an access token, and remembers which state of the cluster it has seen. */
export interface Api {
  readonly values: VaultValues;
  readonly invocation: Invocation;
  /**
   * Throws what {@link refuseFinal} throws, NOT_THE_API for a refusal that is a web page, and {@link AccessTokenRefused} for
   * a 401 and a 403 that says so: other ones may mean the token or the path. With an ID token in place of an access token, AUTH_REFUSED too.
   */
  send(target: Target, accessToken?: AccessToken): Promise<HttpAnswer>;
}

const LOGIN_ANSWER_BYTES = 64 * 1024;

/** A node that is behind answers this, and another time the same node has caught up (conjur-vault.md, 3.9). */
const NOT_YET_HERE = 412;

/** The API of this backend. Sends nothing yet; each request throws what the connection throws. */
export function openApi(context: BackendContext<VaultValues>): Api {
  const { values, invocation, http, maxAnswerBytes } = context;
  let state: Sensitive | undefined;
  return {
    values,
    invocation,
    async send(target, accessToken) {
      const sending = http.send({
        ...target,
        headers: { ...commonHeaders(values), ...(accessToken?.isIdToken && inlineHeaders(values)), ...target.headers },
        secretHeaders: { ...tokenHeader(accessToken), ...(state !== undefined && { 'x-vault-index': state }) },
        maxAnswerBytes: accessToken === undefined ? LOGIN_ANSWER_BYTES : maxAnswerBytes,
        repeatStatuses: [NOT_YET_HERE],
      });
      const answer = await sending.catch((error: unknown) => {
        throw explained(error);
      });
      const index = answer.headers['x-vault-index'];
      if (index !== undefined) state = new Sensitive(index);
      refuseFinal(answer);
      if (answer.status >= 400) refuseHtml(answer);
      if (accessToken?.isIdToken === true && isInlineFailed(answer)) throw loginRefusal(answer, values);
      if (accessToken !== undefined && isTokenRefused(answer, accessToken)) throw new AccessTokenRefused();
      return answer;
    },
  };
}

/** A standby that does not forward sends its clients to the active node. No redirect is followed; this one is explained. */
function explained(error: unknown): unknown {
  if (!(error instanceof SecretctlError) || error.reason !== 'REDIRECT_REFUSED') return error;
  const hint =
    'a standby that does not forward answers so: url must be that of the active node, or of what stands in front of all';
  return new SecretctlError(error.reason, error.message, { ...error.facts, hint: [...error.hints, hint] });
}

function tokenHeader(accessToken: AccessToken | undefined): Readonly<Record<string, Sensitive>> {
  if (accessToken === undefined) return {};
  return { [accessToken.isIdToken === true ? INLINE_TOKEN : 'x-vault-token']: accessToken.value };
}

function isTokenRefused(answer: HttpAnswer, { isIdToken }: AccessToken): boolean {
  if (isIdToken === true && isLoginNeeded(answer)) return true;
  // The server has no 401; whatever stands in front of it means the same by it.
  if (answer.status === 401) return true;
  return answer.status === 403 && /\b(?:invalid|bad) token\b/.test(wordsOf(answer));
}
