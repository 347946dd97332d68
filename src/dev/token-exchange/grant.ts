import { numberMember, textMember } from '../../lib/json.ts';
import { ASYMMETRIC_AND_EDDSA, namesAudience, unboundClaim } from '../frame/id-token.ts';
import type { RehearsalWorld } from '../types.ts';
import type { TokenExchangeOptions } from './options.ts';

/** What a token endpoint refuses a request with (RFC 6749 5.2, RFC 8693 2.2.2). */
export interface Refusal {
  readonly status: 400 | 401;
  readonly error: string;
  readonly description: string;
}

/** Which grant a server knows, and the parameters that belong to it and to no other. */
const GRANTS = {
  'token-exchange': {
    type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    own: [
      ...['subject_token', 'subject_token_type', 'requested_token_type', 'actor_token', 'actor_token_type'],
      ...['resource', 'audience', 'scope'],
    ],
  },
  'jwt-bearer': {
    type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    own: ['assertion', 'resource', 'audience', 'scope'],
  },
  'client-credentials': {
    type: 'client_credentials',
    own: ['client_assertion', 'client_assertion_type', 'resource', 'audience', 'scope'],
  },
} as const;

/** Of these RFC 8693 2.1 and RFC 8707 2 let a request have several. */
const REPEATABLE = new Set(['resource', 'audience']);

const JWT_TYPES = new Set(['jwt', 'id_token'].map((word) => `urn:ietf:params:oauth:token-type:${word}`));
const TOKEN_TYPES = new Set(
  ['access_token', 'refresh_token', 'id_token', 'saml1', 'saml2', 'jwt'].map(
    (word) => `urn:ietf:params:oauth:token-type:${word}`,
  ),
);
const CLIENT_ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** What is wrong with a request for a token; undefined when it is granted. */
export async function refusalOf(
  form: URLSearchParams,
  world: RehearsalWorld,
  options: TokenExchangeOptions,
): Promise<Refusal | undefined> {
  return formFault(form, options) ?? (await tokenFault(form, world, options)) ?? targetFault(form, options);
}

function formFault(form: URLSearchParams, options: TokenExchangeOptions): Refusal | undefined {
  const { type, own } = GRANTS[options.grant];
  const known = new Set<string>(['grant_type', 'client_id', 'client_secret', ...own]);
  for (const name of new Set(form.keys())) {
    if (form.getAll(name).length > 1 && !REPEATABLE.has(name)) return invalid(`${name} must not be repeated`);
    if (!known.has(name)) return invalid(`${name} does not belong to this grant`);
    if (form.getAll(name).includes('')) return invalid(`${name} is empty`);
  }
  const grant = form.get('grant_type');
  if (grant === null) return invalid('grant_type is missing');
  if (grant !== type) return refused('unsupported_grant_type', `only ${type} is supported`);
  return options.grant === 'token-exchange' ? exchangeFault(form) : assertionFault(form, options);
}

function exchangeFault(form: URLSearchParams): Refusal | undefined {
  if (!form.has('subject_token')) return invalid('subject_token is missing');
  const type = form.get('subject_token_type');
  if (type === null) return invalid('subject_token_type is missing');
  if (!JWT_TYPES.has(type)) return invalid('subject_token_type is not supported');
  if (form.has('actor_token') !== form.has('actor_token_type')) return invalid('actor_token needs its type');
  const requested = form.get('requested_token_type');
  return requested === null || TOKEN_TYPES.has(requested)
    ? undefined
    : invalid('requested_token_type is not supported');
}

function assertionFault(form: URLSearchParams, { grant }: TokenExchangeOptions): Refusal | undefined {
  if (grant === 'jwt-bearer') return form.has('assertion') ? undefined : invalid('assertion is missing');
  if (form.get('client_assertion_type') !== CLIENT_ASSERTION) return invalid('client_assertion_type is not supported');
  return form.has('client_assertion') ? undefined : invalid('client_assertion is missing');
}

async function tokenFault(
  form: URLSearchParams,
  world: RehearsalWorld,
  { grant }: TokenExchangeOptions,
): Promise<Refusal | undefined> {
  const name = {
    'token-exchange': 'subject_token',
    'jwt-bearer': 'assertion',
    'client-credentials': 'client_assertion',
  };
  const fault = await jwtFault(form.get(name[grant]) ?? '', world);
  if (fault === undefined) return undefined;
  if (grant === 'client-credentials') return { status: 401, error: 'invalid_client', description: fault };
  return refused('invalid_grant', fault);
}

async function jwtFault(jwt: string, world: RehearsalWorld): Promise<string | undefined> {
  const verified = await world.verify(jwt, ASYMMETRIC_AND_EDDSA);
  if (verified === undefined) return 'the signature does not verify';
  const { claims } = verified;
  const now = world.now() / 1000;
  const exp = numberMember(claims, 'exp');
  if (exp === undefined) return 'exp is missing';
  if (exp <= now) return 'the token has expired';
  if ((numberMember(claims, 'nbf') ?? 0) > now) return 'the token is not yet valid';
  if (textMember(claims, 'iss') !== world.issuer) return 'the issuer is not trusted';
  if (!namesAudience(claims, world.audience)) return 'the audience is not this server';
  const other = unboundClaim(claims, world);
  return other === undefined ? undefined : `the claim ${other} is not the expected one`;
}

function targetFault(form: URLSearchParams, { audience, scopes }: TokenExchangeOptions): Refusal | undefined {
  if (audience !== '' && !form.getAll('audience').includes(audience)) {
    return refused('invalid_target', 'no token is given for this audience');
  }
  const granted = scopes.split(' ');
  const isGranted = (form.get('scope') ?? '').split(' ').every((scope) => scope === '' || granted.includes(scope));
  return scopes === '' || isGranted ? undefined : refused('invalid_scope', 'a scope is not granted');
}

function invalid(description: string): Refusal {
  return refused('invalid_request', description);
}

function refused(error: string, description: string): Refusal {
  return { status: 400, error, description };
}
