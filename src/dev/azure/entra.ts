import { type Json, type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import type { RehearsalWorld, ServerReply, ServerRequest } from '../types.ts';
import type { AzureOptions } from './options.ts';
import { entraFailure, json } from './replies.ts';

/** The token endpoint: one application with one federated credential for this job (pam-cloud.md, 4.3). */
export interface Entra {
  token(tenant: string, request: ServerRequest): Promise<ServerReply>;
  /** Whether an access token is one of its own and still good. */
  admits(accessToken: string): boolean;
  revokeAll(): void;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Clock skew that is forgiven, seconds. */
const LEEWAY = 300;

/** No token is out yet. */
export function openEntra(world: RehearsalWorld, options: AzureOptions): Entra {
  const out = new Map<string, number>();
  return {
    async token(tenant, request) {
      const refused = requestFault(tenant, request, options) ?? (await assertionFault(request, world));
      if (refused !== undefined) return refused;
      const life = options['token-lifetime'];
      const accessToken = `eyJ0eXAiOiJKV1Qi.${world.random(48).toString('base64url')}.${world.random(32).toString('base64url')}`;
      out.set(accessToken, world.now() + life * 1000);
      return json(200, { token_type: 'Bearer', expires_in: life, ext_expires_in: life, access_token: accessToken });
    },
    admits: (accessToken) => (out.get(accessToken) ?? 0) > world.now(),
    revokeAll: () => out.clear(),
  };
}

/** What is wrong with a request before its assertion is looked at. */
function requestFault(tenant: string, request: ServerRequest, options: AzureOptions): ServerReply | undefined {
  if (request.headers['content-type'] !== 'application/x-www-form-urlencoded') {
    return entraFailure(
      400,
      'invalid_request',
      900144,
      "The request body must contain the following parameter: 'grant_type'.",
    );
  }
  const form = formOf(request);
  const names = ['grant_type', 'client_id', 'scope', 'client_assertion_type', 'client_assertion'];
  const absent = names.find((name) => form.getAll(name).length !== 1);
  if (absent !== undefined) {
    const sentence = `The request body must contain the following parameter: '${absent}'.`;
    return entraFailure(400, 'invalid_request', 900144, sentence);
  }
  if (form.get('grant_type') !== 'client_credentials') {
    return entraFailure(400, 'unsupported_grant_type', 70003, 'The app requested an unsupported grant type.');
  }
  return whoFault(tenant, form, options) ?? scopeFault(form.get('scope') ?? '', options);
}

function whoFault(tenant: string, form: URLSearchParams, options: AzureOptions): ServerReply | undefined {
  if (tenant.toLowerCase() !== options.tenant.toLowerCase()) {
    return entraFailure(400, 'invalid_request', 90002, `Tenant '${tenant}' not found.`);
  }
  const client = form.get('client_id') ?? '';
  if (client.toLowerCase() !== options.client.toLowerCase()) {
    const sentence = `Application with identifier '${client}' was not found in the directory 'Rehearsal'.`;
    return entraFailure(400, 'unauthorized_client', 700016, sentence);
  }
  if (form.get('client_assertion_type') === ASSERTION_TYPE) return undefined;
  return entraFailure(
    401,
    'invalid_client',
    7000218,
    "The request body must contain 'client_assertion' or 'client_secret'.",
  );
}

function scopeFault(scope: string, { resource }: AzureOptions): ServerReply | undefined {
  if (scope === `${resource}/.default`) return undefined;
  if (!scope.endsWith('/.default')) {
    const sentence = `The provided value for scope ${scope} is not valid.`;
    return entraFailure(400, 'invalid_scope', 1002012, sentence);
  }
  const sentence = `The resource principal named ${scope.replace('/.default', '')} was not found in the tenant.`;
  return entraFailure(400, 'invalid_resource', 500011, sentence);
}

/** What is wrong with the assertion, in the order Entra looks: form, signature, times, the credential. */
async function assertionFault(request: ServerRequest, world: RehearsalWorld): Promise<ServerReply | undefined> {
  const jwt = formOf(request).get('client_assertion') ?? '';
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jwt)) return refuse(50027, 'JWT token is invalid or malformed.');
  const verified = await world.verify(jwt, ['RS256']);
  if (verified === undefined) return refuse(50013, 'Assertion failed signature validation.');
  const { claims } = verified;
  const timeFault = outsideItsTimes(claims, world.now() / 1000);
  if (timeFault) return refuse(700024, 'Client assertion is not within its valid time range.');
  const [issuer, subject] = [textMember(claims, 'iss') ?? '', textMember(claims, 'sub') ?? ''];
  if (issuer !== world.issuer) return refuse(700211, noMatch('issuer', issuer));
  if (subject !== world.boundClaims['sub']) return refuse(700213, noMatch('subject', subject));
  const audience = audienceIn(member(claims, 'aud'));
  return audience === world.audience ? undefined : refuse(700212, noMatch('audience', audience ?? ''));
}

function refuse(number: number, sentence: string): ServerReply {
  return entraFailure(401, 'invalid_client', number, sentence);
}

function outsideItsTimes(claims: JsonObject, now: number): boolean {
  const exp = numberMember(claims, 'exp');
  const start = numberMember(claims, 'nbf') ?? 0;
  return exp === undefined || exp + LEEWAY <= now || start - LEEWAY > now;
}

function noMatch(part: string, said: string): string {
  return `No matching federated identity record found for presented assertion ${part} '${said}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.`;
}

/** One audience: a token for several services is none of a federated credential's. */
function audienceIn(aud: Json | undefined): string | undefined {
  if (aud?.kind === 'array') return aud.items.length === 1 ? audienceIn(aud.items[0]) : undefined;
  return aud?.kind === 'string' ? aud.value : undefined;
}

function formOf({ body }: ServerRequest): URLSearchParams {
  return new URLSearchParams(body.toString('utf8'));
}
