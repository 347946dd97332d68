import type { ServerReply, ServerRequest } from '../types.ts';
import type { Appliance } from './appliance.ts';
import { authenticate, type LoginTarget } from './authenticate.ts';
import { bare, text } from './replies.ts';
import { decoded, routed, type RoutedRequest } from './requests.ts';
import { listResources, showResource } from './resources.ts';
import { readBatch, readOne, writeOne } from './secrets.ts';
import { authenticators, authenticatorStatus, refuseWrite, rootPage, whoAmI } from './service.ts';
import type { SlosiloClaims } from './slosilo.ts';
import { readValues, V2_TYPE } from './values-v2.ts';

/** Longest query and target that the application server takes behind nginx, bytes. */
const PUMA_QUERY = 10 * 1024;
const PUMA_TARGET = 12 * 1024;

/** One request, as the real server would answer it: line length, route, access token, role, then the call itself. */
export async function serve(appliance: Appliance, request: ServerRequest): Promise<ServerReply> {
  const tooLong = refuseLength(appliance, request);
  if (tooLong !== undefined) return tooLong;
  const route = routed(request, appliance.basePath);
  if (route === 'no-route') return bare(404);
  if (route === 'bad-request') return bare(400);
  const open = await serveOpen(appliance, route);
  if (open !== undefined) return open;
  const token = tokenOf(appliance, request);
  if ('status' in token) return token;
  if (!appliance.hasRole) return bare(403);
  return serveRole(appliance, route, token) ?? bare(404);
}

function refuseLength({ options }: Appliance, { method, target }: ServerRequest): ServerReply | undefined {
  if (`${method} ${target} HTTP/1.1\r\n`.length > options.requestLineLimit) {
    const page = '<html><head><title>414 Request-URI Too Large</title></head><body>nginx</body></html>';
    return { status: 414, headers: { 'content-type': 'text/html' }, body: page };
  }
  const query = target.indexOf('?');
  const isTooLong = target.length > PUMA_TARGET || (query >= 0 && target.length - query > PUMA_QUERY);
  return isTooLong ? bare(400) : undefined;
}

/** What needs no access token; its header is not even looked at. */
async function serveOpen(appliance: Appliance, { request, segments }: RoutedRequest): Promise<ServerReply | undefined> {
  const [first, second] = segments;
  if (request.method === 'GET' && first === undefined) return rootPage(request);
  if (request.method === 'GET' && first === 'authenticators' && second === undefined) return authenticators(appliance);
  if (request.method !== 'POST' || first !== 'authn-jwt' || segments.at(-1) !== 'authenticate') return undefined;
  const target = loginTarget(segments.slice(1, -1));
  return 'status' in target ? target : authenticate(appliance, target, request);
}

/** Service id, account and, where it is in the URL, login: one segment each, so a raw slash in one is a segment too many. */
function loginTarget(parts: readonly string[]): LoginTarget | ServerReply {
  if (parts.length < 2 || parts.length > 3) return bare(404);
  const [serviceId, account, login] = parts.map(decoded);
  if (serviceId === undefined || account === undefined || (parts.length === 3 && login === undefined)) return bare(400);
  // Rails takes what follows a dot for a format.
  return serviceId.includes('.') || account.includes('/') ? bare(404) : { serviceId, account, login };
}

/** The claims of a valid access token, or the answer that its absence gets: text, not JSON (conjur-vault.md, 1.3). */
function tokenOf({ signer, world }: Appliance, request: ServerRequest): SlosiloClaims | ServerReply {
  const header = request.headers['authorization']?.trim() ?? '';
  const value = /^Token token="(.*)"/s.exec(header)?.[1];
  if (value === undefined)
    return request.headers['accept'] === V2_TYPE ? bare(401) : text(401, 'Authorization missing');
  const verdict = signer.verify(value, world.now());
  if (verdict === 'malformed') return text(401, 'Malformed authorization token');
  return verdict === 'invalid' ? text(401, 'Unauthorized: Invalid token') : verdict;
}

function serveRole(appliance: Appliance, route: RoutedRequest, token: SlosiloClaims): ServerReply | undefined {
  const { request, segments } = route;
  switch (segments[0]) {
    case 'secrets':
      return serveSecrets(appliance, route);
    case 'resources':
      return request.method === 'GET' ? serveResources(appliance, route) : undefined;
    case 'whoami':
      return request.method === 'GET' && segments.length === 1 ? whoAmI(appliance, token, request) : undefined;
    case 'authn-jwt':
      return serveAuthenticator(appliance, route);
    case 'policies':
      return ['POST', 'PUT', 'PATCH'].includes(request.method) ? refuseWrite(appliance) : undefined;
    default:
      return undefined;
  }
}

function serveSecrets(appliance: Appliance, route: RoutedRequest): ServerReply | undefined {
  const { request, segments } = route;
  if (segments.length === 1) return request.method === 'GET' ? readBatch(appliance, route) : undefined;
  if (segments.length === 2 && segments[1] === 'values' && request.method === 'POST') {
    const { edition, v2 } = appliance.options;
    return edition === 'saas' && v2 ? readValues(appliance, route) : undefined;
  }
  return serveVariable(appliance, route);
}

function serveVariable(appliance: Appliance, route: RoutedRequest): ServerReply | undefined {
  const [, account, kind, ...id] = route.segments.map(decoded);
  if (kind !== 'variable' || id.length === 0) return undefined;
  if (account === undefined || id.includes(undefined)) return bare(400);
  // The route is a glob: raw slashes are part of the id.
  const target = { account, id: id.join('/') };
  if (route.request.method === 'GET') return readOne(appliance, target, route);
  return route.request.method === 'POST' ? writeOne(appliance, target, route) : undefined;
}

function serveResources(appliance: Appliance, route: RoutedRequest): ServerReply | undefined {
  const [, account, kind, ...id] = route.segments.map(decoded);
  if (account === undefined || id.includes(undefined)) return undefined;
  if (account !== appliance.account) return bare(404);
  if (id.length === 0) return listResources(appliance, kind, route);
  return kind === 'variable' ? showResource(appliance, id.join('/'), route) : bare(404);
}

function serveAuthenticator(appliance: Appliance, { request, segments }: RoutedRequest): ServerReply | undefined {
  const [, serviceId, account, word] = segments.map(decoded);
  if (serviceId === undefined || account === undefined) return undefined;
  if (request.method === 'GET' && word === 'status' && segments.length === 4) {
    return authenticatorStatus(appliance, { serviceId, account });
  }
  return request.method === 'PATCH' && segments.length === 3 ? refuseWrite(appliance) : undefined;
}
