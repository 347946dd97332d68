import { textMember } from '../../lib/json.ts';
import { ASYMMETRIC_AND_EDDSA, isWelcome } from '../frame/id-token.ts';
import type { ServerReply, ServerRequest } from '../types.ts';
import {
  bearerOf,
  contentOf,
  fieldsOf,
  json,
  pathIn,
  pathOf,
  queryOf,
  type RehearsedProduct,
  type Site,
} from './products.ts';

// Products that hand out a whole place at once (pam-cloud.md, 5.2).

/** Doppler: the token is the user of Basic authentication, its end a date. */
export function doppler(site: Site): RehearsedProduct {
  return {
    exchange: 'POST /v3/auth/oidc',
    read: 'GET /v3/configs/config/secrets',
    parameters: `identity=${site.options.identity},project=rehearsal`,
    async handle(request) {
      const route = `${request.method} ${pathOf(request)}`;
      if (route === 'POST /v3/auth/oidc') return dopplerLogin(request, site);
      if (route === 'POST /v3/auth/revoke') {
        const token = textMember(fieldsOf(request, ['token']), 'token');
        return token !== undefined && site.sessions.end(token) ? { status: 204 } : sorry(400, 'Invalid token');
      }
      return route === 'GET /v3/configs/config/secrets' ? dopplerSecrets(request, site) : sorry(404, 'Not found');
    },
  };
}

async function dopplerLogin(request: ServerRequest, { world, options, sessions }: Site): Promise<ServerReply> {
  const fields = fieldsOf(request, ['identity', 'token']);
  const isKnown = textMember(fields, 'identity') === options.identity;
  if (!isKnown || !(await isWelcome(textMember(fields, 'token'), ASYMMETRIC_AND_EDDSA, world)))
    return sorry(401, 'Unauthorized');
  const { token, endMs } = sessions.issue('dp.said.');
  return json(200, { token, expires_at: new Date(endMs).toISOString(), success: true });
}

function dopplerSecrets(request: ServerRequest, site: Site): ServerReply {
  const basic = Buffer.from(bearerOf(request, 'Basic') ?? '', 'base64').toString('utf8');
  if (!basic.endsWith(':') || !site.sessions.isGood(basic.slice(0, -1))) return sorry(401, 'Invalid Auth token');
  const query = queryOf(request);
  const [project, config] = [query.get('project'), query.get('config')];
  if (project === null || config === null || query.size > 2) return sorry(400, 'project and config are required');
  const { values, isForbidden } = contentOf(site, pathIn(project, 'rehearsal', config));
  if (isForbidden) return sorry(403, 'This token does not have access to the config');
  if (values.length === 0) return sorry(404, 'Could not find requested config');
  const secrets = new Map(values.map(([name, value]) => [name, { raw: value, computed: value, note: '' }]));
  return json(200, { secrets: objectOf(secrets), success: true });
}

function sorry(status: number, message: string): ServerReply {
  return json(status, { messages: [message], success: false });
}

/** Infisical: a folder with its imports, of which a later one wins. */
export function infisical(site: Site): RehearsedProduct {
  return {
    exchange: 'POST /api/v1/auth/oidc-auth/login',
    read: 'GET /api/v3/secrets/raw',
    parameters: `identity=${site.options.identity},project=rehearsal`,
    async handle(request) {
      const route = `${request.method} ${pathOf(request)}`;
      if (route === 'POST /api/v1/auth/oidc-auth/login') return infisicalLogin(request, site);
      return route === 'GET /api/v3/secrets/raw' ? infisicalSecrets(request, site) : oops(404, 'Route not found');
    },
  };
}

async function infisicalLogin(request: ServerRequest, { world, options, sessions }: Site): Promise<ServerReply> {
  const fields = fieldsOf(request, ['identityId', 'jwt'], ['organizationSlug']);
  const isKnown = textMember(fields, 'identityId') === options.identity;
  if (!isKnown || !(await isWelcome(textMember(fields, 'jwt'), ASYMMETRIC_AND_EDDSA, world)))
    return oops(401, 'Access denied: OIDC claim not allowed.');
  return json(200, {
    accessToken: sessions.issue('ey.').token,
    expiresIn: options['token-lifetime'],
    accessTokenMaxTTL: 2_592_000,
    tokenType: 'Bearer',
  });
}

function infisicalSecrets(request: ServerRequest, site: Site): ServerReply {
  if (!site.sessions.isGood(bearerOf(request))) return oops(401, 'Your token has expired. Please re-authenticate.');
  const query = queryOf(request);
  const [project, environment] = [query.get('workspaceSlug'), query.get('environment')];
  if (project === null || environment === null) return oops(422, 'workspaceSlug and environment are required');
  const folder = query.get('secretPath') ?? '/';
  const below = folder === '/' ? environment : `${environment}${folder}`;
  const { values, isForbidden, withheld } = contentOf(site, pathIn(project, 'rehearsal', below));
  if (isForbidden) return oops(403, 'You are not allowed to read on secrets');
  if (values.length === 0) return oops(404, `Folder with path '${folder}' not found`);
  const entries = [
    ...values.map(([name, value]) => infisicalEntry(name, value, false)),
    ...withheld.map((name) => infisicalEntry(name, '<hidden-by-infisical>', true)),
  ];
  const [own, imported] = [entries.slice(0, 1), entries.slice(1)];
  const stale = entries.map((entry) => ({ ...entry, secretValue: 'an import that another one overrules' }));
  const imports = query.get('include_imports') === 'true' ? [{ secrets: stale }, { secrets: imported }] : [];
  return json(200, { secrets: own, imports });
}

function infisicalEntry(secretKey: string, secretValue: string, secretValueHidden: boolean): object {
  return { secretKey, secretValue, secretValueHidden, type: 'shared', version: 1 };
}

function oops(statusCode: number, message: string): ServerReply {
  return json(statusCode, { statusCode, message, error: 'Error', reqId: 'req-rehearsal' });
}

/** Pulumi ESC: RFC 8693 as JSON; an environment is opened first, then read. */
export function pulumiEsc(site: Site): RehearsedProduct {
  const { options, sessions } = site;
  const opened = new Map<string, string>();
  const base = `/api/esc/environments/${options.identity}/`;
  return {
    exchange: 'POST /api/oauth/token',
    read: `GET ${base}`,
    parameters: `organization=${options.identity},project=rehearsal`,
    async handle(request) {
      const path = pathOf(request);
      if (`${request.method} ${path}` === 'POST /api/oauth/token') return pulumiLogin(request, site);
      if (!sessions.isGood(bearerOf(request, 'token'))) return regret(401, 'Unauthorized');
      const rest = path.startsWith(base) ? path.slice(base.length).split('/') : [];
      return openOrRead(request, rest, site, opened);
    },
  };
}

async function pulumiLogin(request: ServerRequest, { world, options, sessions }: Site): Promise<ServerReply> {
  const names = ['grant_type', 'audience', 'subject_token', 'subject_token_type', 'requested_token_type'];
  const fields = fieldsOf(request, names, ['scope', 'expiration']);
  const isKnown =
    textMember(fields, 'grant_type') === 'urn:ietf:params:oauth:grant-type:token-exchange' &&
    textMember(fields, 'audience') === `urn:pulumi:org:${options.identity}` &&
    textMember(fields, 'subject_token_type') === 'urn:ietf:params:oauth:token-type:id_token' &&
    textMember(fields, 'requested_token_type') === 'urn:pulumi:token-type:access_token:organization';
  if (!isKnown) return regret(400, 'invalid_request');
  if (!(await isWelcome(textMember(fields, 'subject_token'), ASYMMETRIC_AND_EDDSA, world)))
    return regret(400, 'invalid_grant');
  const { token } = sessions.issue('pul-');
  return json(200, { access_token: token, token_type: 'token', expires_in: options['token-lifetime'] });
}

function openOrRead(
  request: ServerRequest,
  [project = '', name = '', verb = '', id]: readonly string[],
  site: Site,
  opened: Map<string, string>,
): ServerReply {
  const place = pathIn(project, 'rehearsal', name);
  if (verb !== 'open') return regret(404, 'Not Found');
  const { values, isForbidden } = contentOf(site, place);
  if (isForbidden) return regret(403, 'Forbidden');
  if (values.length === 0) return regret(404, 'Not Found: environment not found');
  if (request.method === 'POST' && id === undefined) {
    const session = site.world.random(8).toString('hex');
    opened.set(session, place);
    return json(200, { id: session });
  }
  if (opened.get(id ?? '') !== place) return regret(404, 'Not Found: session');
  const properties = new Map(values.map(([key, value]) => [key, { value, secret: true, trace: {} }]));
  return json(200, { properties: objectOf(properties) });
}

function regret(code: number, message: string): ServerReply {
  return json(code, { code, message });
}

function objectOf(entries: ReadonlyMap<string, object>): Readonly<Record<string, object>> {
  return Object.fromEntries(entries);
}
