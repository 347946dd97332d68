import { unavailable } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import { backoffMs, MOST_ATTEMPTS } from '../../lib/http-retry.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import type { Invocation } from '../../lib/invocation.ts';
import { jsonIn, textMember } from '../../lib/json.ts';
import { quoted } from '../../lib/text.ts';

/** What a service says of a request that it did not grant. */
export interface Failure {
  /** Its name for what is wrong, without a namespace; empty when it gave none. */
  readonly code: string;
  readonly message: string;
}

/**
 * Codes whose messages may be shown: they name resources and rights. Others quote the request, and the one for a wrong
 * signature quotes its headers, the session token among them.
 */
const TOLD = new Set([
  ...['AccessDenied', 'AccessDeniedException', 'ResourceNotFoundException', 'ParameterNotFound'],
  ...['ParameterVersionNotFound', 'InvalidRequestException', 'DecryptionFailure', 'InvalidKeyId'],
  ...['ExpiredTokenException', 'IDPRejectedClaim', 'IDPCommunicationError', 'InvalidIdentityToken'],
  ...['RegionDisabledException'],
]);

/** As the vendor's SDK has them. */
const THROTTLED = new Set([
  ...['Throttling', 'ThrottlingException', 'ThrottledException', 'RequestThrottled', 'RequestThrottledException'],
  ...['TooManyRequestsException', 'RequestLimitExceeded', 'ProvisionedThroughputExceededException', 'SlowDown'],
  ...['BandwidthLimitExceeded'],
]);

/** Whether a service asks for patience; it does so in a 400 as well as in a 429. */
export function isThrottled({ code }: Failure): boolean {
  return THROTTLED.has(code);
}

/** What a JSON answer with a failure says. The header may carry the code alone, and a URL behind it. */
export function failureIn(answer: HttpAnswer): Failure {
  const json = jsonIn(answer.body);
  const code = textMember(json, '__type') ?? answer.headers['x-amzn-errortype'] ?? '';
  const message = textMember(json, 'message') ?? textMember(json, 'Message') ?? '';
  return { code: bareCode(code), message };
}

/** `com.amazonaws.secretsmanager#ResourceNotFoundException:http://…` as its middle. */
export function bareCode(code: string): string {
  return code.replace(/^[^#]*#/, '').replace(/:.*$/s, '');
}

/** The code, and its message where that may be shown. */
export function told({ code, message }: Failure): string {
  if (!/^[A-Za-z][\w.]{0,99}$/.test(code)) return code === '' ? 'without a code' : 'with an odd code';
  return message === '' || !TOLD.has(code) ? code : `${code} ${quoted(message)}`;
}

/** The same without its message where that quotes one of these: what a server sends back is nobody else's to read. */
export function withoutSecrets(failure: Failure, secrets: readonly string[]): Failure {
  const message = failure.message.slice(0, LONGEST_MESSAGE);
  const isQuoting = Array.from({ length: Math.max(0, message.length - WINDOW + 1) }, (_, at) =>
    message.slice(at, at + WINDOW),
  ).some((piece) => secrets.some((secret) => secret.includes(piece)));
  return { code: failure.code, message: isQuoting ? '' : message };
}

/** So many characters in a row of a secret give it away. */
const WINDOW = 8;

/** More than is ever shown. */
const LONGEST_MESSAGE = 1024;

/** Throttled, or not answering: what no other request would change. 4xx without such a code is the caller's. */
export function refuseFinal(answer: HttpAnswer, failure: Failure): void {
  const { status, request } = answer;
  if (status === 429 || isThrottled(failure)) {
    throw new SecretctlError('RATE_LIMITED', `AWS asks for fewer requests: ${status} ${told(failure)} to ${request}`, {
      hint: 'run the job again later, and fewer jobs at a time',
    });
  }
  if (status >= 500) throw unavailable(answer, `AWS answered ${status} ${told(failure)} to ${request}`);
}

/**
 * Sends until the answer is no longer one that may pass, at most a few times and within the deadline; the last answer
 * otherwise. What passes by status alone is the client's to repeat: this is for codes inside a 400.
 */
export async function sendPatiently(
  send: () => Promise<HttpAnswer>,
  mayPass: (answer: HttpAnswer) => boolean,
  { runtime, deadline }: Invocation,
): Promise<HttpAnswer> {
  for (let failures = 1; ; failures++) {
    const answer = await send();
    if (answer.status !== 400 || failures === MOST_ATTEMPTS || !mayPass(answer)) return answer;
    const pauseMs = backoffMs(failures, runtime.random(4).readUInt32LE() / 2 ** 32);
    if (pauseMs >= deadline.remainingMs()) return answer;
    await runtime.sleep(pauseMs, deadline.signal);
  }
}
