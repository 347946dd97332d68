import { type Json, jsonIn, type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import { namesAudience, unboundClaim } from '../frame/id-token.ts';
import type { RehearsalWorld, ServerReply, ServerRequest } from '../types.ts';
import { type GcpOptions, providerName } from './options.ts';
import { apiFailure, json, tokenFailure } from './replies.ts';
import { POOL, POOL_FOR_IAM, type Tokens } from './tokens.ts';

/** What logs in with: the token service, and service accounts. */
export interface Site {
  readonly world: RehearsalWorld;
  readonly options: GcpOptions;
  readonly tokens: Tokens;
}

const TYPES = 'urn:ietf:params:oauth:token-type:';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** What Google's own clients ask for where they go on to a service account. */
const IAM_SCOPE = 'https://www.googleapis.com/auth/iam';
/** Clock skew that is forgiven, and the longest life of an ID token, seconds. */
const LEEWAY = 60;
const LONGEST_LIFE = 86_400;

/** The token exchange of one provider, whose condition is this job (pam-cloud.md, 4.2). */
export async function exchange(request: ServerRequest, { world, options, tokens }: Site): Promise<ServerReply> {
  const form = new URLSearchParams(request.body.toString('utf8'));
  const fault = formFault(request, form, options);
  if (fault !== undefined) return fault;
  const verified = await world.verify(form.get('subject_token') ?? '', ['RS256', 'ES256']);
  if (verified === undefined) {
    return tokenFailure(
      'invalid_grant',
      'The signature of the ID Token could not be verified with the keys of the issuer.',
    );
  }
  const refused = claimsFault(verified.claims, world);
  if (refused !== undefined) return refused;
  return json(200, {
    access_token: tokens.issue(form.get('scope') === SCOPE ? POOL : POOL_FOR_IAM, options['token-lifetime']),
    issued_token_type: `${TYPES}access_token`,
    token_type: 'Bearer',
    expires_in: options['token-lifetime'],
  });
}

function formFault(request: ServerRequest, form: URLSearchParams, options: GcpOptions): ServerReply | undefined {
  if (request.headers['authorization'] !== undefined) {
    return tokenFailure('invalid_request', 'The request must not carry credentials.');
  }
  if (request.headers['content-type'] !== 'application/x-www-form-urlencoded') {
    return tokenFailure('invalid_request', 'Missing required field: grant_type');
  }
  if (form.get('audience') !== `//iam.googleapis.com/${providerName(options)}`) {
    const sentence = 'The target service indicated by the "audience" parameters is invalid.';
    return tokenFailure('invalid_target', sentence);
  }
  const wanted: readonly (readonly [string, readonly string[]])[] = [
    ['grant_type', ['urn:ietf:params:oauth:grant-type:token-exchange']],
    ['requested_token_type', [`${TYPES}access_token`]],
    ['subject_token_type', [`${TYPES}jwt`, `${TYPES}id_token`]],
    ['scope', [SCOPE, IAM_SCOPE]],
  ];
  const wrong = wanted.find(
    ([name, values]) => form.getAll(name).length !== 1 || !values.includes(form.get(name) ?? ''),
  );
  return wrong === undefined ? undefined : tokenFailure('invalid_request', `Invalid value for "${wrong[0]}".`);
}

function claimsFault(claims: JsonObject, world: RehearsalWorld): ServerReply | undefined {
  const issuer = textMember(claims, 'iss') ?? '';
  if (issuer !== world.issuer) {
    return tokenFailure(
      'invalid_grant',
      `The issuer in ID Token ${issuer} does not match the expected ones: ${world.issuer}.`,
    );
  }
  const times = timesFault(claims, world.now() / 1000);
  if (times !== undefined) return tokenFailure('invalid_grant', times);
  if (!namesAudience(claims, world.audience)) {
    return tokenFailure('invalid_grant', 'The audience in ID Token does not match the expected audience.');
  }
  if ((textMember(claims, world.policy?.facts['subject'] ?? 'sub') ?? '') === '') {
    return tokenFailure('invalid_grant', 'The mapped attribute google.subject must not be empty.');
  }
  if (unboundClaim(claims, world) === undefined) return undefined;
  return tokenFailure('unauthorized_client', 'The given credential is rejected by the attribute condition.');
}

function timesFault(claims: JsonObject, now: number): string | undefined {
  const [exp, iat] = [numberMember(claims, 'exp'), numberMember(claims, 'iat')];
  if (exp === undefined || iat === undefined) return 'The ID Token must have exp and iat.';
  if (exp - iat > LONGEST_LIFE) return 'The lifetime of the ID Token is longer than 24 hours.';
  if (exp + LEEWAY <= now) return `ID Token issued at ${iat} is stale to sign-in.`;
  return iat - LEEWAY > now ? `ID Token issued at ${iat} is in the future.` : undefined;
}

/** The token of a service account for that of the pool. */
export function actAs(request: ServerRequest, email: string, { world, options, tokens }: Site): ServerReply {
  if (tokens.holder(request.headers['authorization'])?.startsWith(POOL) !== true) {
    return apiFailure('UNAUTHENTICATED', 'Request had invalid authentication credentials.', 'ACCESS_TOKEN_EXPIRED');
  }
  if (email !== options['service-account']) {
    const sentence = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
    return apiFailure('PERMISSION_DENIED', sentence, 'IAM_PERMISSION_DENIED');
  }
  const body = jsonIn(request.body);
  const life = Number(/^(?<seconds>[1-9][0-9]{0,5})s$/.exec(textMember(body, 'lifetime') ?? '')?.groups?.['seconds']);
  if (!isForCloud(member(body, 'scope')) || !(life <= 3600)) {
    return apiFailure('INVALID_ARGUMENT', 'Request contains an invalid argument: scope or lifetime.');
  }
  const expireTime = new Date(Math.floor(world.now() / 1000 + life) * 1000).toISOString().replace('.000Z', 'Z');
  return json(200, { accessToken: tokens.issue(email, life), expireTime });
}

/** Whether a list of scopes is the one that opens all of the platform. */
function isForCloud(scope: Json | undefined): boolean {
  const [one, ...others] = scope?.kind === 'array' ? scope.items : [];
  return one?.kind === 'string' && one.value === SCOPE && others.length === 0;
}
