import { refuseHtml, unavailable, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer, HttpClient } from '../../lib/http.ts';
import type { Invocation } from '../../lib/invocation.ts';
import { textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { visible } from '../../lib/text.ts';
import type { AccessToken, Claims, SubjectToken } from '../../lib/tokens.ts';
import { sealKey } from './access-key.ts';
import { type Failure, isThrottled, refuseFinal, sendPatiently, told } from './failures.ts';
import type { AwsValues } from './settings.ts';
import { childOf, childText, parseXml, type XmlElement, XmlFault } from './xml.ts';

const ANSWER_BYTES = 64 * 1024;

/** Beyond this it is no length of a session, milliseconds: twelve hours is the most a role allows. */
const LONGEST_MS = 13 * 60 * 60 * 1000;

/** What an exchange is made with. */
export interface Exchange {
  readonly sts: HttpClient;
  readonly values: AwsValues;
  readonly invocation: Invocation;
  readonly singleUse: boolean;
}

/**
 * AssumeRoleWithWebIdentity (pam-cloud.md, 4.1). Throws AUTH_REFUSED for a refusal, UNAVAILABLE when STS cannot reach the
 * issuer, BAD_REQUEST for a request that it does not take, and 76 for an answer without usable credentials.
 */
export async function assumeRole(exchange: Exchange, subjectToken: SubjectToken): Promise<AccessToken> {
  const { sts, values, invocation, singleUse } = exchange;
  const body = formOf(values, subjectToken);
  const answer = await sendPatiently(
    () =>
      sts.send({
        method: 'POST',
        path: '/',
        label: '/',
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', accept: 'text/xml' },
        body,
        maxAnswerBytes: ANSWER_BYTES,
        retry: 'all',
      }),
    (one) => !singleUse && isPassing(failureOf(one)),
    invocation,
  );
  if (answer.status >= 400) throw refusal(answer);
  return accessTokenIn(answer, invocation.runtime.now());
}

function isPassing(failure: Failure): boolean {
  return failure.code === 'IDPCommunicationError' || isThrottled(failure);
}

function formOf(values: AwsValues, { jwt, claims }: SubjectToken): Sensitive {
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: values['role-arn'] ?? '',
    RoleSessionName: values['session-name'] ?? sessionNameFor(claims),
    WebIdentityToken: jwt.reveal().toString('latin1'),
    DurationSeconds: `${Math.floor(values['session-lifetime'] / 1000)}`,
  });
  return new Sensitive(form.toString());
}

/** Job, project and host, as GitLab's own runner names its sessions; the subject where a token has no such claims. */
function sessionNameFor({ all, iss, sub }: Claims): string {
  const [job, project] = [textMember(all, 'job_id'), textMember(all, 'project_id')];
  const host = iss !== undefined && URL.canParse(iss) ? new URL(iss).hostname : '';
  const name = job === undefined || project === undefined ? (sub ?? '') : `${job}-${project}-${host}`;
  const taken = name.replaceAll(/[^\w+=,.@-]+/g, '-').slice(0, 64);
  return taken.length < 2 ? 'secretctl' : taken;
}

function accessTokenIn(answer: HttpAnswer, nowMs: number): AccessToken {
  refuseHtml(answer);
  if (answer.body.length === 0) throw unexpected(answer, 'is empty');
  const root = xmlOf(answer);
  const isAnswer = root.name === 'AssumeRoleWithWebIdentityResponse';
  const result = isAnswer ? childOf(root, 'AssumeRoleWithWebIdentityResult') : undefined;
  const credentials = childOf(result, 'Credentials');
  if (credentials === undefined) throw unexpected(answer, 'holds no credentials');
  const text = (name: string, form: RegExp): string => {
    const found = childText(credentials, name) ?? '';
    if (!form.test(found)) throw unexpected(answer, `holds no usable ${name}`);
    return found;
  };
  const value = sealKey({
    id: text('AccessKeyId', /^\w{16,128}$/),
    secret: text('SecretAccessKey', /^[\x21-\x7e]+$/),
    sessionToken: text('SessionToken', /^[\x21-\x7e]+$/),
  });
  const end = text('Expiration', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/);
  const lifetimeMs = Date.parse(end) - (nowMs + (answer.clockOffsetMs ?? 0));
  if (!(lifetimeMs <= LONGEST_MS)) throw unexpected(answer, 'holds no usable Expiration');
  return { value, expiresAtMs: nowMs + lifetimeMs, lifetimeSeconds: lifetimeMs / 1000 };
}

function xmlOf(answer: HttpAnswer): XmlElement {
  const { body, request } = answer;
  try {
    return parseXml(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    if (error instanceof TypeError) throw unexpected(answer, 'is not UTF-8');
    if (!(error instanceof XmlFault)) throw error;
    const where = `${error.message}, at position ${error.position} of ${body.length} bytes`;
    throw new SecretctlError('UNEXPECTED_ANSWER', `the answer to ${request} is not the XML of STS: ${where}`);
  }
}

/** What STS says of a failure; an empty code where it is not its XML. */
function failureOf(answer: HttpAnswer): Failure {
  try {
    const root = parseXml(answer.body.toString('utf8'));
    const error = root.name === 'ErrorResponse' ? childOf(root, 'Error') : undefined;
    return { code: childText(error, 'Code') ?? '', message: childText(error, 'Message') ?? '' };
  } catch (error) {
    if (error instanceof XmlFault) return { code: '', message: '' };
    throw error;
  }
}

function refusal(answer: HttpAnswer): SecretctlError {
  const failure = failureOf(answer);
  refuseFinal(answer, failure);
  // An emulator calls its XML a page.
  if (failure.code === '') refuseHtml(answer);
  const { status, request } = answer;
  const what = `${status} ${told(failure)}`;
  if (failure.code === 'IDPCommunicationError') {
    return unavailable(answer, `STS cannot reach the issuer of the ID token: ${what} to ${request}`);
  }
  const hint = Object.hasOwn(HINTS, failure.code) ? HINTS[failure.code] : undefined;
  if (hint !== undefined || status === 401 || status === 403) {
    const facts = hint === undefined ? {} : { hint };
    return new SecretctlError('AUTH_REFUSED', `STS refused the ID token: ${what} to ${request}`, facts);
  }
  // Its message quotes the value that it complains about.
  const member = /\bat '(?<name>[A-Za-z]{1,40})' failed\b/.exec(failure.message)?.groups?.['name'];
  const complaint = member === undefined ? '' : `, about ${visible(member)}`;
  return new SecretctlError('BAD_REQUEST', `STS rejected ${request}: ${what}${complaint}`, {
    ...(/MaxSessionDuration/.test(failure.message) && {
      hint: 'session-lifetime is longer than the role allows (its maximum session duration)',
    }),
  });
}

/** What the codes of a refusal mean (pam-cloud.md, 4.1). */
const HINTS: Readonly<Record<string, readonly string[]>> = {
  AccessDenied: [
    'role-arn must name the role, and its trust policy must allow sts:AssumeRoleWithWebIdentity to the identity provider of this issuer',
    'the conditions of the trust policy (aud, sub) must fit the ID token; upper and lower case count',
  ],
  ExpiredTokenException: ['the ID token is over: fetch earlier in the job, or have it live longer'],
  IDPRejectedClaim: ['the identity provider says that the ID token was revoked or is not valid'],
  InvalidIdentityToken: [
    'the account needs an OpenID Connect identity provider with the URL of this issuer and this audience among its client ids',
  ],
  RegionDisabledException: ['STS is not active in this region for the account: choose another region, or activate it'],
};
