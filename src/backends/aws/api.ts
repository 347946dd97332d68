import { refuseHtml, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer, HttpClient } from '../../lib/http.ts';
import { JsonFault, type JsonObject, parseJsonBytes } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import { AccessTokenRefused, type BackendContext } from '../types.ts';
import { openKey } from './access-key.ts';
import { type Failure, failureIn, isThrottled, refuseFinal, sendPatiently, told, withoutSecrets } from './failures.ts';
import type { AwsService } from './partitions.ts';
import type { AwsValues } from './settings.ts';

/** The two services that hold secrets. */
export type HoldingService = Exclude<AwsService, 'sts'>;

/** What came of one call. */
export type Reply = { readonly answer: HttpAnswer } & (
  | { readonly json: JsonObject }
  /** Not granted, for a reason of the service's own: about what was asked for. */
  | { readonly failure: Failure }
);

/** Calls of one role's session, in the JSON protocol of both services (pam-cloud.md, 4.1). */
export interface Api {
  /**
   * Calls and reads the answer. Throws {@link AccessTokenRefused} where the session is over, 69 and 75 where nobody
   * could answer better, AUTH_REFUSED for a signature that does not fit, and 76 for what is no answer.
   */
  call(service: HoldingService, operation: string, input: Readonly<Record<string, unknown>>): Promise<Reply>;
  /** A failure inside of an answer, as it may be shown. */
  harmless(failure: Failure): Failure;
}

const TARGETS: Readonly<Record<HoldingService, string>> = { secretsmanager: 'secretsmanager', ssm: 'AmazonSSM' };

/** Codes by which a service does not know the access key, or not any more. */
const NOT_KNOWN = new Set([
  ...['ExpiredTokenException', 'ExpiredToken', 'UnrecognizedClientException', 'InvalidClientTokenId'],
  ...['InvalidAccessKeyId', 'InvalidToken'],
]);

/** Codes of a signature that does not fit: a clock that is wrong, or a request that was changed on its way. */
const NOT_SIGNED = new Set([
  ...['InvalidSignatureException', 'SignatureDoesNotMatch', 'RequestTimeTooSkewed', 'RequestExpired'],
  ...['RequestInTheFuture', 'AuthFailure'],
]);

/** Clocks closer than this are no reason for a refusal, milliseconds. */
const CLOSE_MS = 60_000;

/** The API with one access token. Sends nothing yet. */
export function openApi(context: BackendContext<AwsValues>, accessToken: AccessToken): Api {
  const { values, invocation, http, maxAnswerBytes } = context;
  const clients: Readonly<Record<HoldingService, HttpClient>> = { secretsmanager: http, ssm: context.service('ssm') };
  const key = openKey(accessToken.value);
  const secrets = key === undefined ? [] : [key.secret, key.sessionToken];
  let clockMs = 0;

  const send = async (service: HoldingService, operation: string, input: object): Promise<HttpAnswer> => {
    if (key === undefined) throw new AccessTokenRefused();
    const { signatureHeaders } = await import('./sign.ts');
    const client = clients[service];
    const body = new Sensitive(JSON.stringify(input));
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${TARGETS[service]}.${operation}`,
    };
    const signable = { endpoint: client.endpoint, service, region: values.region ?? '', headers, body };
    return client.send({
      method: 'POST',
      path: '/',
      label: `/ ${operation}`,
      headers,
      secretHeaders: signatureHeaders({ ...signable, atMs: invocation.runtime.now() + clockMs }, key),
      body,
      maxAnswerBytes,
      retry: 'all',
    });
  };

  return {
    async call(service, operation, input) {
      const patiently = (): Promise<HttpAnswer> => {
        return sendPatiently(() => send(service, operation, input), mayPass, invocation);
      };
      const signedAtMs = clockMs;
      let answer = await patiently();
      const offsetMs = answer.clockOffsetMs ?? signedAtMs;
      if (isRefusedFor(NOT_SIGNED, answer) && Math.abs(offsetMs - signedAtMs) > CLOSE_MS) {
        // Signed once more on the server's own clock.
        clockMs = offsetMs;
        answer = await patiently();
      }
      return judge(answer, secrets);
    },
    harmless: (failure) => withoutSecrets(failure, secrets),
  };
}

function mayPass(answer: HttpAnswer): boolean {
  return isThrottled(failureIn(answer));
}

function isRefusedFor(codes: ReadonlySet<string>, answer: HttpAnswer): boolean {
  return answer.status >= 400 && codes.has(failureIn(answer).code);
}

function judge(answer: HttpAnswer, secrets: readonly string[]): Reply {
  if (answer.status < 400) return { answer, json: objectIn(answer) };
  const failure = withoutSecrets(failureIn(answer), secrets);
  refuseFinal(answer, failure);
  // Neither service answers 401; whatever stands in front of them means the same by it.
  if (NOT_KNOWN.has(failure.code) || answer.status === 401) throw new AccessTokenRefused();
  if (NOT_SIGNED.has(failure.code)) {
    throw new SecretctlError('AUTH_REFUSED', `AWS refused the signature of ${answer.request}: ${told(failure)}`, {
      hint: [
        'a proxy on the way may change host, path or headers of requests',
        'region must be the one of the address, where an address is set',
      ],
    });
  }
  refuseHtml(answer);
  if (failure.code === '') throw rejected(answer, failure);
  return { answer, failure };
}

/** The service took the request for none of its own. */
export function rejected({ request, status }: HttpAnswer, failure: Failure): SecretctlError {
  return new SecretctlError('BAD_REQUEST', `AWS rejected ${request}: ${status} ${told(failure)}`);
}

/** Any content type: an emulator calls its JSON a page. What is no JSON object is refused whatever it is called. */
function objectIn(answer: HttpAnswer): JsonObject {
  if (answer.body.length === 0) throw unexpected(answer, 'is empty');
  let json;
  try {
    json = parseJsonBytes(answer.body);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    refuseHtml(answer);
    const where = `${error.message}, at position ${error.position} of ${answer.body.length} bytes`;
    throw new SecretctlError('BAD_JSON', `the answer to ${answer.request} is not JSON: ${where}`);
  }
  if (json.kind !== 'object') throw unexpected(answer, 'is not a JSON object');
  if (json.members.has('__type')) throw unexpected(answer, 'calls itself a success and carries an error');
  return json;
}
