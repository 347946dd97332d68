import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer, HttpRequest } from '../../lib/http.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { visible } from '../../lib/text.ts';
import type { AccessToken, SubjectToken } from '../../lib/tokens.ts';
import { readAccessToken } from './access-token.ts';
import { isHtml, said, unexpectedStatus } from './refusals.ts';
import type { Site } from './site.ts';

/** The path of the exchange below the base URL. The login is one segment: each of its slashes must be `%2F` (1.2). */
export function loginPath(site: Site): string {
  const segments = [site.account, ...(site.hostId === undefined ? [] : [site.hostId])].map(encodeURIComponent);
  return `/authn-jwt/${encodeURIComponent(site.serviceId)}/${segments.join('/')}/authenticate`;
}

/**
 * ID token -> access token. A 401 to a token issued within the last seconds is asked once more, because Conjur allows
 * no leeway for `iat`; not one that may be sent once only. Throws AUTH_REFUSED for 401 and 403, BAD_REQUEST for 400, NOT_THE_API for 404.
 */
export async function logIn(site: Site, subjectToken: SubjectToken): Promise<AccessToken> {
  const request = loginRequest(site, subjectToken);
  let answer = await site.http.send(request);
  const mayRepeat = answer.status === 401 && !site.singleUse;
  const pauseMs = mayRepeat ? pauseBeforeRepeat(site, subjectToken, answer) : undefined;
  if (pauseMs !== undefined) {
    site.invocation.journal.debug('the ID token is very new: asking once more', { milliseconds: pauseMs });
    await site.invocation.runtime.sleep(pauseMs, site.invocation.deadline.signal);
    answer = await site.http.send(request);
  }
  if (answer.status !== 200) throw loginRefusal(site, answer);
  return readAccessToken(answer, site.invocation.runtime.now());
}

const LARGEST_TOKEN_BYTES = 64 * 1024;

function loginRequest(site: Site, { jwt }: SubjectToken): HttpRequest {
  return {
    method: 'POST',
    path: loginPath(site),
    label: `/authn-jwt/{service}/{account}${site.hostId === undefined ? '' : '/{login}'}/authenticate`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    // A compact JWT has only characters that a form leaves as they are.
    body: new Sensitive(Buffer.concat([Buffer.from('jwt='), jwt.reveal()])),
    maxAnswerBytes: LARGEST_TOKEN_BYTES,
    retry: 'all',
  };
}

/** How new a token must be for a 401 to be put down to the clocks, milliseconds. */
const VERY_NEW_MS = 5000;

/** How far ahead of the server's clock a token is still waited for, milliseconds. */
const LONGEST_PAUSE_MS = 10_000;

/** Milliseconds to wait before the one repeat; undefined when the refusal is final. */
function pauseBeforeRepeat(site: Site, { claims }: SubjectToken, answer: HttpAnswer): number | undefined {
  // The one reason that Conjur does tell: waiting cannot make an expired token valid.
  if (claims.iat === undefined || said(answer).includes('CONJ00016E')) return undefined;
  const { runtime, deadline } = site.invocation;
  const serverNowMs = runtime.now() + (answer.clockOffsetMs ?? 0);
  const aheadMs = Math.max(claims.iat, claims.nbf ?? 0) * 1000 - serverNowMs;
  if (Math.min(serverNowMs, runtime.now()) - claims.iat * 1000 > VERY_NEW_MS || aheadMs > LONGEST_PAUSE_MS)
    return undefined;
  // `Date` has whole seconds, so the server's clock is known to a second only.
  const pauseMs = Math.max(0, Math.ceil(aheadMs)) + 1000;
  return pauseMs < deadline.remainingMs() ? pauseMs : undefined;
}

function loginRefusal(site: Site, answer: HttpAnswer): SecretctlError {
  const authenticator = visible(`authn-jwt/${site.serviceId}`);
  const status = `(status ${answer.status}${said(answer)})`;
  switch (answer.status) {
    case 400:
      return new SecretctlError('BAD_REQUEST', `Conjur found no ID token in the login form ${status}`, {
        hint: 'a proxy on the way may drop or rewrite the body of POST requests',
      });
    case 401:
      return new SecretctlError('AUTH_REFUSED', `Conjur's ${authenticator} refused the ID token ${status}`, {
        hint: refusedHints(site, answer),
      });
    case 403:
      return new SecretctlError(
        'AUTH_REFUSED',
        `Conjur knows this job's host but does not let it use ${authenticator} ${status}`,
        {
          hint: isHtml(answer)
            ? FROM_A_GATEWAY
            : `grant the host "authenticate" on conjur/${authenticator}: most often by adding it to the group conjur/${authenticator}/apps`,
        },
      );
    case 404:
      return new SecretctlError('NOT_THE_API', `there is no Conjur login at this URL ${status}`, {
        hint: notThereHints(site),
      });
    default:
      return unexpectedStatus(answer);
  }
}

const FROM_A_GATEWAY = 'the answer is a web page: a gateway in front of Conjur refused, not Conjur';

/** Conjur's 401 has an empty body: the causes must be listed here (1.9). */
function refusedHints(site: Site, answer: HttpAnswer): readonly string[] {
  if (isHtml(answer)) return [FROM_A_GATEWAY];
  // A login that is refused says nothing; this text stands where there is no login and a token is wanted.
  if (answer.body.toString('latin1').trim() === 'Authorization missing') return notThereHints(site);
  const identity =
    site.hostId === undefined
      ? 'the host that token-app-property and identity-path name exists (without token-app-property, host-id must be set)'
      : 'the host in host-id exists, and the authenticator has no token-app-property (with one, host-id must not be set)';
  return [
    `check on the server: account ${visible(site.account)} exists; ${visible(`authn-jwt/${site.serviceId}`)} is enabled; its issuer, audience and keys fit the token`,
    `check the identity: ${identity}; the host's annotations equal the token's claims, as strings`,
    ...(site.hostId === undefined || site.hostId.startsWith('host/')
      ? []
      : ['host-id names a user: the login of a host begins with host/']),
    ...(/CONJ\d/.test(said(answer)) ? [] : ["the exact cause is a CONJ code in the server's log"]),
  ];
}

function notThereHints(site: Site): readonly string[] {
  const hints = ['check the URL: SaaS and Edge need /api at its end, the others none; no doubled slash'];
  if (site.serviceId.includes('.')) hints.push('a service id with a dot cannot be routed by Conjur');
  return hints;
}
