import { refuseHtml, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer, HttpRequest } from '../../lib/http.ts';
import { jsonIn, member } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { AccessTokenRefused } from '../types.ts';
import { isHtml, unexpectedStatus } from './refusals.ts';
import type { Site } from './site.ts';
import { isDynamic, type Reading, type Variable } from './variables.ts';

/** What a message says of a variable that the server does not show. One answer stands for all of these cases (1.4). */
export const MISSING = {
  refusal: 'missing',
  reason: 'does not exist, has no value or is hidden from this host: Conjur does not tell these apart (404)',
} as const satisfies Reading;

const MISSING_VERSION = {
  refusal: 'missing',
  reason: 'has no such version (any more), or is hidden from this host (404)',
} as const satisfies Reading;

/** What a 403 to a single read means. */
export const FORBIDDEN = {
  refusal: 'forbidden',
  reason: 'this host may not read it: it lacks "execute" (403)',
} as const satisfies Reading;

/** The path of a single read below the base URL: the whole id as one segment, so that any character is safe (1.4). */
export function singlePath(site: Site, { id, version }: Variable): string {
  const query = version === undefined ? '' : `?version=${version}`;
  return `/secrets/${encodeURIComponent(site.account)}/variable/${encodeURIComponent(id)}${query}`;
}

/** Reads one variable: its exact bytes. Throws AccessTokenRefused, NOT_THE_API, UNEXPECTED_ANSWER, BAD_REQUEST, … */
export async function readSingly(
  site: Site,
  variable: Variable,
  secretHeaders: HttpRequest['secretHeaders'],
): Promise<Reading> {
  const answer = await site.http.send({
    method: 'GET',
    path: singlePath(site, variable),
    label: '/secrets/{account}/variable/{id}',
    ...(secretHeaders && { secretHeaders }),
    maxAnswerBytes: site.maxAnswerBytes,
    retry: isDynamic(variable) ? 'transport' : 'all',
  });
  if (answer.status === 401) throw new AccessTokenRefused();
  // A value may well be a page; whether it is one is told by what it calls itself, not by how it begins.
  if (answer.status === 200 ? isHtml(answer) : answer.status < 500) refuseHtml(answer);
  switch (answer.status) {
    case 200:
      return { value: valueOf(answer) };
    case 403:
      return FORBIDDEN;
    case 404:
      refuseOthers404(answer);
      return variable.version === undefined ? MISSING : MISSING_VERSION;
    default:
      throw unexpectedStatus(answer);
  }
}

/**
 * Conjur gives a reason to each 404 of a read (1.4). One without is of something on the way, or of a wrong URL: nothing
 * is known of the variable, and no default may take its place.
 */
function refuseOthers404(answer: HttpAnswer): void {
  if (member(jsonIn(answer.body), 'error')?.kind === 'object') return;
  const hint =
    'check the URL: SaaS and Edge need /api at its end, the others none; a proxy on the way may answer so, too';
  throw unexpected(answer, "is a 404, but not Conjur's", hint);
}

function valueOf(answer: HttpAnswer): Sensitive {
  // The server stores no empty value, so an empty body is somebody else's answer.
  if (answer.body.length > 0) return new Sensitive(answer.body);
  throw new SecretctlError(
    'UNEXPECTED_ANSWER',
    'Conjur answered a read with an empty body, which no variable can hold',
    {
      hint: 'look for a proxy on the way that drops bodies',
    },
  );
}
