import { bearer } from '../../lib/bearer.ts';
import type { Deadline } from '../../lib/deadline.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import type { Invocation } from '../../lib/invocation.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import { AccessTokenRefused, type BackendContext } from '../types.ts';
import { type Accepted, type Failed, judge } from './answers.ts';
import type { Target } from './requests.ts';
import type { FortipamValues } from './settings.ts';

/** The REST API with one access token. */
export interface Api {
  readonly values: FortipamValues;
  readonly invocation: Invocation;
  /** Sends with the access token; `deadline` stands in for the command's. */
  send(target: Target, deadline?: Deadline): Promise<HttpAnswer>;
}

/** A verdict on an answer that the access token was good for. */
export type Ruling = Accepted | Failed<'missing'> | Failed<'forbidden'> | Failed<'rejected'>;

/** 429 locks out and is never sent again: it is handed back at once (pam-cloud.md 1.5). */
export const FINAL_STATUSES = [429];

/** The API for this access token. Sends nothing yet; each request throws what the connection throws. */
export function openApi(context: BackendContext<FortipamValues>, accessToken: AccessToken): Api {
  const { values, invocation, http, maxAnswerBytes } = context;
  const secretHeaders = { authorization: bearer(accessToken.value) };
  return {
    values,
    invocation,
    send(target, deadline) {
      const budget = deadline === undefined ? {} : { deadline };
      return http.send({ ...target, secretHeaders, maxAnswerBytes, finalStatuses: FINAL_STATUSES, ...budget });
    },
  };
}

/** Reads an answer. Throws {@link AccessTokenRefused} for 401 and for a login page, and what `judge` throws. */
export function rulingOn(answer: HttpAnswer): Ruling {
  const verdict = judge(answer);
  if (verdict.kind === 'unauthorized') throw new AccessTokenRefused();
  return verdict;
}
