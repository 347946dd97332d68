import type { RehearsalWorld, ServerReply, ServerRequest } from '../types.ts';
import { jsonIn, member, textMember } from '../../lib/json.ts';
import { failed, inlineLogin, isInline } from './inline.ts';
import { login } from './login.ts';
import type { VaultOptions } from './options.ts';
import { envelope, failure, nothing } from './replies.ts';
import { forbidden, type Store } from './store.ts';
import type { Lease, Tokens } from './tokens.ts';
import type { Wrappings } from './wrapping.ts';

/** What the server works with. */
export interface Site {
  readonly world: RehearsalWorld;
  readonly options: VaultOptions;
  readonly tokens: Tokens;
  readonly store: Store;
  readonly wrappings: Wrappings;
}

/** Where credentials of a database are made by being read. */
const DYNAMIC_MOUNT = 'database';
const MOUNTS = 'sys/internal/ui/mounts/';
/** The state of the cluster after a login, in the server's own spelling. */
const INDEX = 'djE6cmVoZWFyc2FsOjE6MA==';
const REVOKE = 'auth/token/revoke-self';
const LOOK_UP_SELF = 'auth/token/lookup-self';
const LOOK_UP = 'sys/wrapping/lookup';
const UNWRAP = 'sys/wrapping/unwrap';

/** What a request is about, once namespace and version of the API are off; undefined when it cannot be for anything here. */
export function placeOf({ target, headers }: ServerRequest, { options }: Site): string | undefined {
  const path = target.split('?', 1)[0] ?? '';
  if (!path.startsWith('/v1/') || path.includes('//') || path.endsWith('.')) return undefined;
  const said = (headers['x-vault-namespace'] ?? '').replaceAll(/^\/+|\/+$/g, '');
  const decoded = decodedPath(path.slice('/v1/'.length));
  if (decoded === undefined) return undefined;
  // Header and path add up.
  return inNamespace(said === '' ? decoded : `${said}/${decoded}`, options);
}

function inNamespace(path: string, { namespace, 'auth-in': authIn }: VaultOptions): string | undefined {
  if (namespace === '') return path;
  if (path.startsWith(`${namespace}/`)) return path.slice(namespace.length + 1);
  if (authIn !== 'root') return undefined;
  // Asked from above, the server takes the namespace off and names the mount without it.
  return path.replace(`${MOUNTS}${namespace}/`, MOUNTS);
}

/** Whether a place is the login's. */
export function isLogin(place: string | undefined, { options }: Site): boolean {
  return place === `auth/${options['auth-path']}/login`;
}

/** Whether a place is where secrets are read. */
export function isRead(place: string | undefined, { options }: Site): boolean {
  return place?.startsWith(`${options.mount}/`) === true || place?.startsWith(`${DYNAMIC_MOUNT}/creds/`) === true;
}

/** Answers one request. */
export async function answer(request: ServerRequest, site: Site): Promise<ServerReply> {
  if (request.headers['x-vault-request'] !== 'true') return failure(412, "missing 'X-Vault-Request' header");
  const place = placeOf(request, site);
  const isWrappings = place === LOOK_UP || place === UNWRAP;
  if ((isWrappings || isLogin(place, site)) && !isUpdate(request)) return failure(405, 'unsupported operation');
  if (place === LOOK_UP) return site.wrappings.lookUp(request.body);
  if (place === UNWRAP) return unwrap(request, site);
  const isAlwaysWrapped = isLogin(place, site) && site.options['wrapped-login'] === 'on';
  const isHeld = isControlled(place, site);
  const time = isAlwaysWrapped || isHeld ? '60' : request.headers['x-vault-wrap-ttl'];
  return site.wrappings.wrap(await plainAnswer(request, place, site), { place: place ?? '', time, isHeld });
}

/** Whether a control group has a say in what is read there. */
function isControlled(place: string | undefined, { options }: Site): boolean {
  const controlled = options['control-group'].split(' ').filter((path) => path !== '');
  return controlled.some((path) => place?.endsWith(`/${path}`) === true);
}

async function plainAnswer(request: ServerRequest, place: string | undefined, site: Site): Promise<ServerReply> {
  if (isLogin(place, site)) {
    const reply = await login(request.body, site.world, site.options, site.tokens);
    return { ...reply, headers: { ...reply.headers, 'x-vault-index': INDEX } };
  }
  if (site.options['inline-auth'] === 'on' && isInline(request)) return withOwnLogin(request, place, site);
  return withToken(request, place, site);
}

/** The wrapping token in place of a token and no body; or any other token, and the wrapping token in the body. */
function unwrap({ headers, body }: ServerRequest, { wrappings, tokens }: Site): ServerReply {
  const token = headers['x-vault-token'] ?? '';
  if (body.length === 0) return wrappings.open(token);
  if (wrappings.isWrapping(token) || !tokens.admit(token, false)) return forbidden();
  return wrappings.open(textMember(jsonIn(body), 'token') ?? '');
}

/** Logs in, answers, and forgets the login. */
async function withOwnLogin(request: ServerRequest, place: string | undefined, site: Site): Promise<ServerReply> {
  const { world, options, tokens } = site;
  const body = inlineLogin(request, `auth/${options['auth-path']}/login`);
  if (!Buffer.isBuffer(body)) return body;
  const reply = await login(body, world, options, tokens);
  if (reply.status >= 400) return failed(reply);
  const token = textMember(member(jsonIn(bytesOf(reply)), 'auth'), 'client_token') ?? '';
  const headers = { ...request.headers, 'x-vault-token': token, 'x-vault-index': INDEX };
  const given = withToken({ ...request, headers }, place, site);
  tokens.revoke(token);
  const lease = textMember(jsonIn(bytesOf(given)), 'lease_id') ?? '';
  return lease === '' ? given : failure(400, 'requests with inline authentication cannot generate leases');
}

function bytesOf({ body = '' }: ServerReply): Buffer {
  return Buffer.from(body);
}

function withToken(request: ServerRequest, place: string | undefined, site: Site): ServerReply {
  const token = request.headers['x-vault-token'] ?? '';
  if (token === '') return failure(403, 'permission denied');
  const isQuestion = place?.startsWith(MOUNTS) === true;
  if (!site.tokens.admit(token, isQuestion)) return stale(site.options);
  if (place === undefined) return forbidden();
  const isBehind = site.options.consistency === 'eventual' && request.headers['x-vault-index'] !== INDEX;
  if (isBehind) return failure(412, 'required index state not present');
  if (isQuestion) return mountAnswer(place.slice(MOUNTS.length), site);
  if (place === LOOK_UP_SELF) return lookUpSelf(request, token, site);
  return place === REVOKE ? revoke(request, token, site) : read(request, place, token, site);
}

function isUpdate({ method }: ServerRequest): boolean {
  return method === 'POST' || method === 'PUT';
}

function stale({ stale: how }: VaultOptions): ServerReply {
  if (how === 'unnamed') return failure(403, 'permission denied');
  return failure(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n');
}

function mountAnswer(asked: string, { options }: Site): ServerReply {
  if (options.mounts === 'unknown') return failure(404);
  const mount = [options.mount, DYNAMIC_MOUNT].find((one) => asked === one || asked.startsWith(`${one}/`));
  if (mount === undefined || options.mounts === 'denied') {
    const sentence = "preflight capability check returned 403, please ensure client's policies grant access to path";
    return failure(403, `${sentence} ${JSON.stringify(`${asked}/`)}`);
  }
  const version = options.engine === 'kv-v2' ? '2' : '1';
  const isPlain = mount === DYNAMIC_MOUNT || options.mounts === 'no-options';
  const type = mount === DYNAMIC_MOUNT ? 'database' : 'kv';
  const data = { accessor: `${type}_rehearsal`, options: isPlain ? null : { version }, path: `${mount}/`, type };
  return envelope({ data: JSON.stringify(data) });
}

/** What a token is; every one may ask that of itself, and it costs a use. */
function lookUpSelf({ method }: ServerRequest, token: string, { tokens, options }: Site): ServerReply {
  if (method !== 'GET') return failure(405, 'unsupported operation');
  const { seconds, uses } = tokens.left(token);
  const data = {
    accessor: 'rehearsal-accessor',
    num_uses: uses,
    path: `auth/${options['auth-path']}/login`,
    policies: ['default', 'rehearsal'],
    renewable: options['token-type'] === 'service',
    ttl: seconds,
    type: options['token-type'],
  };
  return envelope({ data: JSON.stringify(data) });
}

function revoke(request: ServerRequest, token: string, { tokens, options }: Site): ServerReply {
  if (!isUpdate(request)) return failure(405, 'unsupported operation');
  if (options['token-type'] === 'batch') return failure(400, 'batch tokens cannot be revoked');
  tokens.revoke(token);
  return nothing();
}

function read(request: ServerRequest, place: string, token: string, { options, store, tokens }: Site): ServerReply {
  if (request.method !== 'GET') return failure(405, 'unsupported operation');
  if (place.startsWith(`${DYNAMIC_MOUNT}/creds/`)) return mint(place, token, tokens);
  if (!place.startsWith(`${options.mount}/`)) return forbidden();
  return store.read(place.slice(options.mount.length + 1), new URLSearchParams(request.target.split('?')[1] ?? ''));
}

/** New credentials with each read; the role must have a name. */
function mint(place: string, token: string, tokens: Tokens): ServerReply {
  const lease = tokens.lease(token, place);
  if (tokens.isUsedUp(token)) {
    const sentence =
      'Secret cannot be returned; token had one use left, so leased credentials were immediately revoked.';
    return failure(400, sentence);
  }
  return envelope({ data: JSON.stringify(credentials(lease)), leaseId: lease.id, leaseSeconds: lease.seconds });
}

function credentials({ id }: Lease): Readonly<Record<string, string>> {
  const word = id.split('/').at(-1) ?? '';
  return { username: `v-jwt-${word}`, password: `rehearsal-${word}` };
}

function decodedPath(path: string): string | undefined {
  try {
    return path.split('/').map(decodeURIComponent).join('/');
  } catch {
    return undefined;
  }
}
