import { refuseHtml, unavailable } from '../../lib/answer.ts';
import { bearer } from '../../lib/bearer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { inLanes } from '../../lib/lanes.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import {
  AccessTokenRefused,
  type Backend,
  type BackendContext,
  type LoggingIn,
  type Outcome,
  type PlannedRequest,
  type Reading,
  type Refreshing,
} from '../types.ts';
import { documentIn, issuedIn, wordsOf } from './answers.ts';
import { type PublicKeyText, readPublicKey } from './key.ts';
import { byDocument } from './references.ts';
import { loginTarget, PACKAGE, readTarget, refreshTarget, type Target } from './requests.ts';
import type { ProtegrityValues } from './settings.ts';

/** Requests under way at the same time. */
const AT_ONCE = 8;
const LOGIN_ANSWER_BYTES = 64 * 1024;

type Context = BackendContext<ProtegrityValues>;

/** One appliance: name and password -> its own token -> documents of its API, the resilient package first of all. */
export function openProtegrity(context: Context): Backend & Refreshing {
  const { name, values, invocation } = context;
  const key = keyOf(context);
  /** What a token is renewed with, where that is not the token itself. */
  const refreshTokens = new WeakMap<AccessToken, Sensitive>();
  const take = (answer: HttpAnswer): AccessToken => {
    const { accessToken, refreshToken } = issuedIn(answer, invocation.runtime.now());
    if (refreshToken !== undefined) refreshTokens.set(accessToken, refreshToken);
    return accessToken;
  };
  const backend: Reading & LoggingIn & Refreshing = {
    name,
    cacheContext: [values.edition, values['login-name'] ?? ''],
    async logIn() {
      return take(await send(context, loginTarget(values, values.password ?? new Sensitive('')), undefined));
    },
    async refresh(accessToken) {
      const renewing = refreshTokens.get(accessToken);
      const answer = await send(context, refreshTarget(values, renewing), accessToken);
      if (answer.status === 401 || answer.status === 403) throw new AccessTokenRefused();
      return take(answer);
    },
    async fetchSecrets(accessToken, refs) {
      const read = await inLanes(byDocument(refs), AT_ONCE, async ([path, wanted]) => {
        return readDocument(context, { accessToken, path, wanted, key });
      });
      const outcomes = new Map(read.flat().map((outcome) => [outcome.ref, outcome]));
      return refs.flatMap((ref) => outcomes.get(ref) ?? []);
    },
    plan: (refs) => planAll(context, refs),
  };
  return backend;
}

/** The key is read before a packet leaves; what is asked for may not need it. */
function keyOf({ values, invocation }: Context): PublicKeyText | undefined {
  const file = values['key-file'];
  return file === undefined ? undefined : readPublicKey(file, invocation.runtime.fs);
}

interface DocumentRead {
  readonly accessToken: AccessToken;
  readonly path: string;
  readonly wanted: readonly SecretRef[];
  readonly key: PublicKeyText | undefined;
}

async function readDocument(context: Context, { accessToken, path, wanted, key }: DocumentRead): Promise<Outcome[]> {
  const { values } = context;
  if (wanted.some(({ version }) => version !== undefined)) {
    return wanted.map((ref) => ({ ref, refusal: 'missing', reason: 'a document of the API has no versions' }));
  }
  if (path === PACKAGE && values.edition === 'esa' && key === undefined) {
    throw new SecretctlError('CONFIG_INVALID', `${PACKAGE} needs key-file: the package is encrypted to that key`);
  }
  const answer = await send(context, readTarget(values, path, key), accessToken);
  if (answer.status === 401) throw new AccessTokenRefused();
  const refusal = refusalOf(answer);
  if (refusal !== undefined) return wanted.map((ref) => ({ ref, ...refusal }));
  const value = documentIn(answer);
  return wanted.map((ref) => ({ ref, value, rest: ref.field }));
}

function refusalOf(answer: HttpAnswer): { refusal: 'missing' | 'forbidden'; reason: string } | undefined {
  const { status, request } = answer;
  if (status < 400) return undefined;
  refuseHtml(answer);
  const what = `${status}${wordsOf(answer)}`;
  if (status === 404) return { refusal: 'missing', reason: `the API has nothing there: ${what}` };
  if (status === 403) return { refusal: 'forbidden', reason: `the user may not read it: ${what}` };
  if (status === 429) throw new SecretctlError('RATE_LIMITED', `the server asks to wait: ${what} to ${request}`);
  if (status >= 500) throw unavailable(answer, `the server answered ${what} to ${request}`);
  throw new SecretctlError('BAD_REQUEST', `the server rejected ${request}: ${what}`);
}

function send(context: Context, target: Target, accessToken: AccessToken | undefined): Promise<HttpAnswer> {
  return context.http.send({
    ...target,
    ...(accessToken && { secretHeaders: { authorization: bearer(accessToken.value) } }),
    maxAnswerBytes: accessToken === undefined ? LOGIN_ANSWER_BYTES : context.maxAnswerBytes,
  });
}

function planAll({ values, http }: Context, refs: readonly SecretRef[]): PlannedRequest[] {
  const base = http.endpoint.pathname.replace(/\/+$/, '');
  const login = loginTarget(values, new Sensitive(''));
  const reads = byDocument(refs).map(([path, wanted]): PlannedRequest => {
    const target = readTarget(values, path, undefined);
    const brings = wanted.map((ref) => ref.name);
    return { purpose: 'read', method: target.method, path: `${base}${target.path}`, brings };
  });
  return [{ purpose: 'exchange', method: login.method, path: `${base}${login.path}`, brings: [] }, ...reads];
}
