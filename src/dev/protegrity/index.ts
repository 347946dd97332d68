import { createPublicKey } from 'node:crypto';
import { SecretctlError } from '../../lib/errors.ts';
import { type Json, jsonIn, member, textMember } from '../../lib/json.ts';
import { quoted } from '../../lib/text.ts';
import type { RehearsalWorld, ServerReply, ServerRequest, StrictProduct, StrictServer } from '../types.ts';
import { documents, PACKAGE } from './documents.ts';
import { type ProtegrityOptions, readOptions } from './options.ts';
import { openTokens, type Tokens } from './tokens.ts';

/** An appliance with one user, which takes a name and a password and no token of anybody else (pam-cloud.md, section 2). */
export const protegrityServer: StrictProduct = {
  type: 'protegrity',
  ownValues: documents,
  start(world) {
    const options = readOptions(world.options);
    const password = world.random(18).toString('base64url');
    const tokens = openTokens(world, options['token-lifetime']);
    const site: Site = { world, options, tokens, password };
    const server: StrictServer = {
      classify({ target }) {
        if (target === loginPath(options)) return 'exchange';
        return target.startsWith('/pty/') && target !== `${loginPath(options)}/refresh` ? 'read' : undefined;
      },
      handle: (request) => Promise.resolve(answer(request, site)),
      variables: (url) => ({
        SECRETCTL_BACKEND: 'protegrity',
        SECRETCTL_URL: url,
        SECRETCTL_PROTEGRITY_LOGIN_NAME: options.user,
        SECRETCTL_PROTEGRITY_PASSWORD: password,
      }),
      caVariable: undefined,
      configuration: (url) => ({
        type: 'protegrity',
        url,
        'login-name': options.user,
        ...(options.edition === 'ppc' && { edition: 'ppc' }),
      }),
      disturb(what) {
        if (what === 'revoke-tokens') return tokens.revokeAll();
        throw new SecretctlError('USAGE', `the Protegrity server cannot ${quoted(what)}`, {
          hint: 'it can revoke-tokens',
        });
      },
    };
    return server;
  },
};

interface Site {
  readonly world: RehearsalWorld;
  readonly options: ProtegrityOptions;
  readonly tokens: Tokens;
  readonly password: string;
}

function loginPath({ edition }: ProtegrityOptions): string {
  return edition === 'ppc' ? '/pty/v1/auth/login/token' : '/api/v1/auth/login/token';
}

function answer(request: ServerRequest, site: Site): ServerReply {
  const { target, method } = request;
  if (target === loginPath(site.options))
    return method === 'POST' ? login(request, site) : failure(405, 'Method not allowed');
  if (target === `${loginPath(site.options)}/refresh`)
    return method === 'POST' ? refresh(request, site) : failure(405, 'Method not allowed');
  if (!target.startsWith('/pty/')) return failure(404, 'Not found');
  return site.tokens.isGood(bearerOf(request), 'access') ? read(request, site) : failure(401, 'Invalid token');
}

function login(request: ServerRequest, site: Site): ServerReply {
  const { options, password } = site;
  if (!/^application\/x-www-form-urlencoded(?:;|$)/i.test(request.headers['content-type'] ?? ''))
    return failure(400, 'Bad syntax');
  const form = new URLSearchParams(request.body.toString('utf8'));
  if ([...form.keys()].toSorted().join(' ') !== 'loginname password') return failure(400, 'Bad syntax');
  if (form.get('loginname') !== options.user || form.get('password') !== password)
    return failure(401, 'Wrong credentials');
  return options['may-log-in'] === 'yes' ? granted(site) : failure(403, 'The user may not create a JWT');
}

function refresh(request: ServerRequest, site: Site): ServerReply {
  const { options, tokens } = site;
  if (options.edition === 'esa') {
    if (request.body.length > 0) return failure(400, 'Bad syntax');
    return tokens.isGood(bearerOf(request), 'access') ? granted(site) : failure(401, 'Invalid token');
  }
  const token = textMember(jsonIn(request.body), 'refreshToken') ?? '';
  return tokens.isGood(token, 'refresh') ? granted(site) : failure(401, 'Invalid token');
}

/** The token is in the header; on PPC the one in the body is another one, which the API refuses. */
function granted({ options, tokens }: Site): ServerReply {
  const data =
    options.edition === 'esa'
      ? null
      : {
          accessToken: tokens.issue('body'),
          refreshToken: tokens.issue('refresh'),
          expiresIn: options['token-lifetime'],
          refreshExpiresIn: options['token-lifetime'] * 3,
        };
  return {
    status: 200,
    headers: { 'content-type': 'application/json', pty_access_jwt_token: tokens.issue('access') },
    body: JSON.stringify({ status: 0, messages: [], data }),
  };
}

function read(request: ServerRequest, { world, options }: Site): ServerReply {
  const [place = '', query] = request.target.slice('/pty/'.length).split('?', 2);
  const path = place.split('/').map(decodeURIComponent).join('/');
  const isExport = path === PACKAGE && options.edition === 'esa';
  if (request.method !== (isExport ? 'POST' : 'GET')) return failure(405, 'Method not allowed');
  if (isExport && (query !== 'version=1&coreversion=1' || !isKeyed(jsonIn(request.body))))
    return failure(400, 'Bad syntax');
  if (world.forbidden.has(path)) return failure(403, 'The user has no permission');
  const value = world.secrets.get(path)?.at(-1);
  if (value === undefined) return failure(404, 'Not found');
  return { status: 200, headers: { 'content-type': 'application/json' }, body: value };
}

/** The key that the package is to be encrypted to. */
function isKeyed(body: Json | undefined): boolean {
  const key = member(member(body, 'kek'), 'publicKey');
  const [label, algorithm, value] = ['label', 'algorithm', 'value'].map((name) => textMember(key, name) ?? '');
  if (label === '' || algorithm !== 'RSA-OAEP-256') return false;
  try {
    return createPublicKey(value ?? '').asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

function bearerOf(request: ServerRequest): string {
  return /^Bearer (?<token>[\x21-\x7e]+)$/.exec(request.headers['authorization'] ?? '')?.groups?.['token'] ?? '';
}

function failure(status: number, message: string): ServerReply {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status, messages: [message], data: null }),
  };
}
