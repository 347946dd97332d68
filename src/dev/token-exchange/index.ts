import { isUtf8 } from 'node:buffer';
import { SecretctlError } from '../../lib/errors.ts';
import { quoted } from '../../lib/text.ts';
import type { RehearsalWorld, ServerReply, ServerRequest, StrictProduct, StrictServer } from '../types.ts';
import { refusalOf } from './grant.ts';
import { readOptions, type TokenExchangeOptions } from './options.ts';

const TOKEN_PATH = '/oauth2/token';
const REVOCATION_PATH = '/oauth2/revoke';
const FORM_TYPE = /^application\/x-www-form-urlencoded(?:;|$)/i;

/**
 * An authorization server with one client, that exchanges this job's token (RFC 8693, RFC 7523, RFC 7009). The secrets of
 * the rehearsal that are text stand in its answer as further members, as RFC 6749 5.1 allows.
 */
export const tokenExchangeServer: StrictProduct = {
  type: 'token-exchange',
  readsNothing: true,
  start(world) {
    const options = readOptions(world.options);
    const issued = new Set<string>();
    const server: StrictServer = {
      classify: ({ method, target }) => (method === 'POST' && target === TOKEN_PATH ? 'exchange' : undefined),
      async handle(request) {
        if (request.target !== TOKEN_PATH && request.target !== REVOCATION_PATH)
          return failure(404, 'not_found', 'nothing is here');
        if (request.method !== 'POST') return failure(405, 'invalid_request', 'only POST');
        if (!FORM_TYPE.test(request.headers['content-type'] ?? ''))
          return failure(400, 'invalid_request', 'not a form');
        const form = new URLSearchParams(request.body.toString('utf8'));
        const stranger = clientFault(request, form, options);
        if (stranger !== undefined) return stranger;
        return request.target === TOKEN_PATH ? grant(form, { world, options, issued }) : revoke(form, issued);
      },
      variables: (url) => ({ SECRETCTL_BACKEND: 'token-exchange', SECRETCTL_URL: `${url}${TOKEN_PATH}` }),
      caVariable: undefined,
      configuration: (url) => ({ type: 'token-exchange', url: `${url}${TOKEN_PATH}`, ...settingsFor(options, url) }),
      disturb(what) {
        throw new SecretctlError('USAGE', `the token-exchange server cannot ${quoted(what)}`);
      },
    };
    return server;
  },
};

interface Site {
  readonly world: RehearsalWorld;
  readonly options: TokenExchangeOptions;
  readonly issued: Set<string>;
}

async function grant(form: URLSearchParams, { world, options, issued }: Site): Promise<ServerReply> {
  const refusal = await refusalOf(form, world, options);
  if (refusal !== undefined) return failure(refusal.status, refusal.error, refusal.description);
  const token = world.random(32).toString('base64url');
  issued.add(token);
  const lifetime = options['token-lifetime'];
  const extensions = [...world.secrets].flatMap(([path, versions]): [string, string][] => {
    const newest = versions.at(-1);
    return newest === undefined || !isUtf8(newest) || world.forbidden.has(path)
      ? []
      : [[path, newest.toString('utf8')]];
  });
  return reply(200, {
    ...Object.fromEntries(extensions),
    access_token: token,
    token_type: 'Bearer',
    ...(options.grant === 'token-exchange' && {
      issued_token_type: form.get('requested_token_type') ?? 'urn:ietf:params:oauth:token-type:access_token',
    }),
    ...(lifetime > 0 && { expires_in: lifetime }),
    ...(form.has('scope') && { scope: form.get('scope') }),
  });
}

/** A token that is not known is revoked already (RFC 7009 2.2). */
function revoke(form: URLSearchParams, issued: Set<string>): ServerReply {
  const token = form.get('token');
  if (token === null) return failure(400, 'invalid_request', 'token is missing');
  issued.delete(token);
  return { status: 200 };
}

/** RFC 6749 2.3.1 and 5.2: a client that shows its secret in the header is refused with a challenge. */
function clientFault(
  request: ServerRequest,
  form: URLSearchParams,
  options: TokenExchangeOptions,
): ServerReply | undefined {
  const { client, 'client-secret': secret } = options;
  const basic = /^Basic (?<pair>[A-Za-z0-9+/]+=*)$/.exec(request.headers['authorization'] ?? '')?.groups?.['pair'];
  if (basic !== undefined && form.has('client_secret'))
    return failure(400, 'invalid_request', 'two ways to show a secret');
  const [id, shown] =
    basic === undefined ? [form.get('client_id') ?? '', form.get('client_secret') ?? ''] : decoded(basic);
  if (id === client && shown === secret) return undefined;
  return failure(401, 'invalid_client', 'the client is not known or its secret is wrong');
}

function decoded(pair: string): readonly [id: string, secret: string] {
  const [id = '', secret = ''] = Buffer.from(pair, 'base64').toString('utf8').split(':', 2);
  return [decodeURIComponent(id.replaceAll('+', ' ')), decodeURIComponent(secret.replaceAll('+', ' '))];
}

/** The settings a client needs for this variant of the server; a secret stands in no configuration. */
function settingsFor(options: TokenExchangeOptions, url: string): Record<string, string> {
  return {
    'revocation-url': `${url}${REVOCATION_PATH}`,
    ...(options.grant !== 'token-exchange' && { grant: options.grant }),
    ...(options.client !== '' && { 'client-id': options.client }),
    ...(options.audience !== '' && { 'target-audience': options.audience }),
  };
}

function failure(status: number, error: string, description: string): ServerReply {
  return reply(status, { error, error_description: description });
}

function reply(status: number, body: object): ServerReply {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return {
    status,
    headers: status === 401 ? { ...headers, 'www-authenticate': 'Basic' } : headers,
    body: JSON.stringify(body),
  };
}
