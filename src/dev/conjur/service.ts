import type { ServerReply, ServerRequest } from '../types.ts';
import type { Appliance } from './appliance.ts';
import { failure, json } from './replies.ts';
import type { SlosiloClaims } from './slosilo.ts';

/** `GET /`: HTML for people, JSON for programs that say so. */
export function rootPage(request: ServerRequest): ServerReply {
  const version = '1.24.0-0';
  if (request.headers['accept']?.includes('application/json') === true) return json(200, { version });
  const body = `<!DOCTYPE html><html><head><title>Conjur Status</title></head><body>Version ${version}</body></html>`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

/** `GET /authenticators`: no token needed. */
export function authenticators({ serviceId, options }: Appliance): ServerReply {
  const name = `authn-jwt/${serviceId}`;
  return json(200, {
    installed: ['authn', 'authn-jwt', 'authn-oidc'],
    configured: ['authn', name],
    enabled: options.enabled ? ['authn', name] : ['authn'],
  });
}

/** `GET /whoami`. */
export function whoAmI({ account }: Appliance, token: SlosiloClaims, request: ServerRequest): ServerReply {
  return json(200, {
    client_ip: request.remoteAddress,
    user_agent: request.headers['user-agent'] ?? null,
    account,
    username: token.sub,
    token_issued_at: new Date(token.iat * 1000).toISOString(),
  });
}

/** `GET /authn-jwt/{service}/{account}/status`: the one place where a client is told the reason. */
export function authenticatorStatus(appliance: Appliance, target: { serviceId: string; account: string }): ServerReply {
  const { options } = appliance;
  const faults = [
    [target.account !== appliance.account, 404, 'AccountNotDefined', 'CONJ00008E'],
    [target.serviceId !== appliance.serviceId, 404, 'WebserviceNotFound', 'CONJ00005E'],
    [!options.operator, 403, 'RoleNotAuthorizedOnResource', 'CONJ00006E'],
    [!options.enabled, 403, 'AuthenticatorNotWhitelisted', 'CONJ00004E'],
    [!options.signingKey, 500, 'RequiredSecretMissing', 'CONJ00037E'],
  ] as const;
  const fault = faults.find(([holds]) => holds);
  if (fault === undefined) return json(200, { status: 'ok' });
  const [, status, name, code] = fault;
  return json(status, { status: 'error', error: `#<Errors::Authentication::Security::${name}: ${code} ${name}>` });
}

/** Writes of policy and configuration: this host may do none, and a replica nobody. */
export function refuseWrite({ options }: Appliance): ServerReply {
  return options.replica ? failure(405, 405, 'Write operations are not allowed') : { status: 403 };
}
