import { type Json, jsonIn, type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import { ASYMMETRIC_AND_EDDSA, namesAudience } from '../frame/id-token.ts';
import type { BoundValue, RehearsalWorld, ServerReply } from '../types.ts';
import type { VaultOptions } from './options.ts';
import { envelope, failure } from './replies.ts';
import type { Tokens } from './tokens.ts';

/** The role that the mount's `default_role` names. */
const DEFAULT_ROLE = 'rehearsal';

/** Clock skew that is forgiven, and what stands in for a missing `exp` or `nbf`, seconds. */
const LEEWAY = 60;
const DERIVED = 150;

/** The JWT method with one role that is bound to this job, with the server's own words (conjur-vault.md, 3.2). */
export async function login(
  body: Buffer,
  world: RehearsalWorld,
  options: VaultOptions,
  tokens: Tokens,
): Promise<ServerReply> {
  const fields = objectIn(body);
  if (fields === undefined) return failure(400, 'failed to parse JSON input: invalid character');
  const named = textMember(fields, 'role') ?? '';
  const role = (named === '' ? defaultRole(world, options) : named).toLowerCase();
  const wrongRole = roleFault(role, world, options);
  if (wrongRole !== undefined) return failure(400, wrongRole);
  const jwt = textMember(fields, 'jwt') ?? '';
  if (jwt === '') return failure(400, 'missing token');
  const fault = await faultOf(jwt, world, options);
  if (fault !== undefined) return failure(400, fault);
  return envelope({ auth: options.mfa === 'on' ? secondFactor() : grant(tokens.issue(), role, options) });
}

function defaultRole({ policy }: RehearsalWorld, options: VaultOptions): string {
  if (policy !== undefined) return policy.facts['default-role'] ?? '';
  return options.role === '' ? DEFAULT_ROLE : '';
}

/** What is wrong with the role that a login names; roles have no letter case. */
function roleFault(role: string, { policy }: RehearsalWorld, options: VaultOptions): string | undefined {
  if (role === '') return 'missing role';
  const known = policy?.facts['role'] ?? (options.role === '' ? DEFAULT_ROLE : options.role.toLowerCase());
  if (role !== known) return `role ${JSON.stringify(role)} could not be found`;
  return options['role-type'] === 'oidc' ? 'role with oidc role_type is not allowed' : undefined;
}

/** What the login refuses the token for, in the server's order; undefined for a good one. */
async function faultOf(jwt: string, world: RehearsalWorld, options: VaultOptions): Promise<string | undefined> {
  const verified = await world.verify(jwt, ASYMMETRIC_AND_EDDSA);
  if (verified === undefined)
    return 'error validating token: error verifying token: failed to verify id token signature';
  const { claims } = verified;
  const fault = timeFault(claims, world.now() / 1000);
  if (fault !== undefined) return `error validating token: ${fault}`;
  if (textMember(claims, 'iss') !== world.issuer) return 'error validating token: invalid issuer (iss) claim';
  const wrongAudience = audienceFault(claims, world, options);
  if (wrongAudience !== undefined) return wrongAudience;
  for (const [name, value] of Object.entries(world.boundClaims)) {
    const claim = member(claims, name);
    if (claim === undefined) return `error validating claims: claim "${name}" is missing`;
    if (!hasValue(claim, value)) {
      return `error validating claims: claim "${name}" does not match any associated bound claim values`;
    }
  }
  const userClaim = world.policy?.facts['user-claim'];
  if (userClaim === undefined || (textMember(claims, userClaim) ?? '') !== '') return undefined;
  return `claim "${userClaim}" not found in token`;
}

/** A role without bound audiences takes none from a Vault; from an OpenBao it takes a single one, as a text. */
function audienceFault(claims: JsonObject, world: RehearsalWorld, { audiences }: VaultOptions): string | undefined {
  if (audiences === 'bound') {
    return namesAudience(claims, world.audience)
      ? undefined
      : 'error validating token: invalid audience (aud) claim: audience claim does not match any bound audience';
  }
  const kind = member(claims, 'aud')?.kind;
  const isRefused = kind === 'array' || (audiences === 'vault' && kind === 'string');
  return isRefused ? 'audience claim found in JWT but no audiences bound to the role' : undefined;
}

function timeFault(claims: JsonObject, now: number): string | undefined {
  const [exp, nbf, iat] = ['exp', 'nbf', 'iat'].map((name) => numberMember(claims, name));
  const said = [iat, nbf, exp].filter((time) => time !== undefined);
  if (said.length === 0) return 'no issued at (iat), not before (nbf), or expiration time (exp) claims in token';
  const end = exp ?? Math.max(...said) + DERIVED;
  const start = nbf ?? Math.min(...said) - DERIVED;
  if (now > end + LEEWAY) return 'invalid expiration time (exp) claim: token is expired';
  if (now < start - LEEWAY) return 'invalid not before (nbf) claim: token not yet valid';
  const isEarly = iat !== undefined && now < iat - LEEWAY;
  return isEarly ? 'invalid issued at (iat) claim: token issued in the future' : undefined;
}

/** Bound values are held against claims with their types: `"22"` is not 22. */
function hasValue(claim: Json, value: BoundValue): boolean {
  if (claim.kind === 'array') return claim.items.some((item) => hasValue(item, value));
  if (claim.kind === 'number') return Number(claim.text) === value;
  return claim.kind !== 'object' && claim.value === value;
}

function grant(token: string, role: string, options: VaultOptions): unknown {
  return {
    client_token: token,
    accessor: 'rehearsal-accessor',
    policies: ['default', 'rehearsal'],
    token_policies: ['default', 'rehearsal'],
    identity_policies: null,
    metadata: { role },
    lease_duration: options['token-lifetime'],
    renewable: options['token-type'] === 'service',
    entity_id: '',
    token_type: options['token-type'],
    orphan: true,
    mfa_requirement: null,
    num_uses: options['num-uses'],
  };
}

function secondFactor(): unknown {
  const requirement = { mfa_request_id: 'rehearsal', mfa_constraints: { totp: { any: [] } } };
  return { client_token: '', accessor: '', lease_duration: 0, mfa_requirement: requirement, num_uses: 0 };
}

function objectIn(body: Buffer): JsonObject | undefined {
  const json = jsonIn(body);
  return json?.kind === 'object' ? json : undefined;
}
