import { factsOf, jsonAnswer, serverCode, unavailable } from '../lib/answer.ts';
import { EndpointFault, readEndpoint } from '../lib/endpoint.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { HttpAnswer, HttpClient } from '../lib/http.ts';
import { LONGEST_TOKEN, readToken } from '../lib/jwt.ts';
import { textMember } from '../lib/json.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { quoted, visible } from '../lib/text.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import type { Seeking, ToAsk } from './types.ts';

/** One request that a CI, or the machine, answers with an ID token. It may be sent again: each time gives a new one. */
export interface TokenRequest {
  /** Who answers, for messages: `GitHub Actions`. */
  readonly from: string;
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly secretHeaders?: Readonly<Record<string, Sensitive>>;
  readonly body?: Sensitive;
  /** The audience that it asks for; the CI's own one without it. */
  readonly audience: string | undefined;
  /** Google's metadata server: the one host that is asked without TLS. */
  readonly isMetadataServer?: true;
  /** What to do when it is refused. */
  readonly refused: string;
  /** The token in an answer of status 200. Throws what is wrong with it. */
  read(answer: HttpAnswer): Sensitive;
}

/** An error page is read so far for its code. */
const MOST_ANSWER_BYTES = 4 * LONGEST_TOKEN;

/** The request as a question. Nothing is loaded or sent before it is asked. */
export function requestToAsk(request: TokenRequest, seeking: Seeking): ToAsk {
  const audience = request.audience === undefined ? '' : `, for the audience ${quoted(request.audience)}`;
  return {
    plan: `${request.method} ${visible(request.url.origin + request.url.pathname)}${audience}`,
    ask: () => ask(request, seeking),
  };
}

/**
 * The URL in a variable: `https:`, or `http:` to this machine, without credentials; a query may follow. Throws
 * PLAIN_HTTP, URL_CREDENTIALS or URL_INVALID (78), because the right to ask for tokens would go there.
 */
export function requestUrl(variable: string, text: string): URL {
  const at = text.indexOf('?');
  const base = at < 0 ? text : text.slice(0, at);
  const query = at < 0 ? '' : text.slice(at + 1);
  try {
    const url = readEndpoint(base);
    if (!/^[\w\-.~!$&'()*+,;=:/?%]*$/.test(query)) {
      throw new EndpointFault('URL_INVALID', 'a URL whose query is made of letters, digits and signs for a query');
    }
    url.search = query;
    return url;
  } catch (error) {
    if (!(error instanceof EndpointFault)) throw error;
    throw new SecretctlError(error.reason, `the variable ${variable} must hold ${error.message}; nothing was sent`);
  }
}

/** The same URL with the audience, if there is one, as a further parameter of its query. */
export function withAudience(url: URL, audience: string | undefined): URL {
  if (audience === undefined) return url;
  const before = url.search === '' ? '?' : `${url.search}&`;
  return new URL(`${url.origin}${url.pathname}${before}audience=${encodeURIComponent(audience)}`);
}

/** The text of this member of a JSON answer. Throws UNEXPECTED_ANSWER where there is none, and what `jsonAnswer` throws. */
export function jsonToken(answer: HttpAnswer, member: string): Sensitive {
  const text = textMember(jsonAnswer(answer), member);
  if (text !== undefined && text !== '') return new Sensitive(text);
  throw new SecretctlError('UNEXPECTED_ANSWER', `the answer to ${answer.request} has no text ${quoted(member)}`, {
    hint: 'an ID token was asked for, and something else answered',
  });
}

async function ask(request: TokenRequest, seeking: Seeking): Promise<SubjectToken> {
  const { openHttp } = await import('../lib/http.ts');
  const { url } = request;
  const settings = { endpoints: [new URL(url.origin)], ...(request.isMetadataServer && { isMetadataServer: true }) };
  const http = openHttp(settings, seeking);
  try {
    const answer = await send(request, http);
    const jwt = request.read(answer);
    seeking.hide('ID token', jwt);
    const jobSecret = request.secretHeaders?.['authorization'];
    return {
      ...readToken(jwt, `${request.from}, asked at ${visible(url.host)}`),
      renewal: 'asked',
      ...(jobSecret !== undefined && isUnguessable(jobSecret) && { jobSecret }),
    };
  } finally {
    await http.close();
  }
}

/** The right to ask is the job's alone; a short one might be guessed by whoever holds what was kept. */
export function isUnguessable(right: Sensitive): boolean {
  return right.byteLength >= LEAST_RIGHT_BYTES;
}

const LEAST_RIGHT_BYTES = 32;

async function send(request: TokenRequest, http: HttpClient): Promise<HttpAnswer> {
  const { url, method, headers, secretHeaders, body } = request;
  const answer = await http.send({
    method,
    path: `${url.pathname}${url.search}`,
    label: '/{ID token request}',
    ...(headers && { headers }),
    ...(secretHeaders && { secretHeaders }),
    ...(body && { body }),
    maxAnswerBytes: MOST_ANSWER_BYTES,
    retry: 'all',
  });
  if (answer.status === 200) return answer;
  throw refusal(request, answer);
}

function refusal({ from, refused }: TokenRequest, answer: HttpAnswer): SecretctlError {
  const code = serverCode(answer);
  const said = `${from} answered ${answer.request} with status ${answer.status}${code === undefined ? '' : ` (${code})`}`;
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) {
    return unavailable(answer, `${said}, so there is no ID token`);
  }
  const reason = answer.status === 401 || answer.status === 403 ? 'AUTH_REFUSED' : 'BAD_REQUEST';
  return new SecretctlError(reason, `${said}, so there is no ID token`, {
    hint: refused,
    ...factsOf(answer),
  });
}
