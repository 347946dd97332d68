import { type JsonObject, numberMember, textMember } from '../../lib/json.ts';
import { ASYMMETRIC, namesAudience } from '../frame/id-token.ts';
import type { RehearsalWorld, ServerReply, ServerRequest } from '../types.ts';
import type { VenafiOptions } from './options.ts';
import { failure, json, refusal } from './replies.ts';

/** The access tokens that are out. */
export interface Tokens {
  issue(): string;
  /** Whether a request with this `Authorization` may pass. */
  admit(authorization: string): boolean;
  revokeAll(): void;
}

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Longest life of an ID token, seconds. */
const LONGEST_LIFE = 7200;

/** None is out yet. */
export function openTokens(world: Pick<RehearsalWorld, 'now' | 'random'>, options: VenafiOptions): Tokens {
  const out = new Map<string, number>();
  return {
    issue() {
      const token = world.random(32).toString('base64url');
      out.set(`Bearer ${token}`, world.now() + options['token-lifetime'] * 1000);
      return token;
    },
    admit: (authorization) => (out.get(authorization) ?? 0) > world.now(),
    revokeAll: () => out.clear(),
  };
}

/** Workload identity exchange with one built-in account that is bound to this job (pam-cloud.md, 3.1, A). */
export async function exchange(
  request: ServerRequest,
  world: RehearsalWorld,
  options: VenafiOptions,
  tokens: Tokens,
): Promise<ServerReply> {
  if (request.method !== 'POST') return failure(405, 'Method Not Allowed');
  if (request.headers['content-type'] !== 'application/x-www-form-urlencoded') {
    return failure(415, 'Unsupported Media Type');
  }
  const form = new URLSearchParams(request.body.toString('utf8'));
  const wrongForm = formFault(form);
  if (wrongForm !== undefined) return wrongForm;
  const fault = await tokenFault(form.get('client_assertion') ?? '', world);
  if (fault !== undefined) return refusal('invalid_client', fault);
  const answer = { access_token: tokens.issue(), token_type: 'bearer', expires_in: options['token-lifetime'] };
  return json(200, answer);
}

/** The exchange has these three fields and neither a client's name nor a scope. */
function formFault(form: URLSearchParams): ServerReply | undefined {
  if (form.get('grant_type') !== 'client_credentials') {
    return refusal('unsupported_grant_type', 'grant_type must be client_credentials');
  }
  if (form.get('client_assertion_type') !== ASSERTION) {
    return refusal('invalid_request', 'client_assertion_type is missing or not supported');
  }
  const names = [...form.keys()].toSorted().join(' ');
  if (names === 'client_assertion client_assertion_type grant_type') return undefined;
  return refusal('invalid_request', 'the request has other parameters than a workload identity has');
}

async function tokenFault(jwt: string, world: RehearsalWorld): Promise<string | undefined> {
  const verified = await world.verify(jwt, ASYMMETRIC);
  if (verified === undefined) return 'token_signature_verification_error';
  const { claims } = verified;
  const wrongTime = timeFault(claims, world.now() / 1000);
  if (wrongTime !== undefined) return wrongTime;
  const isBound =
    textMember(claims, 'iss') === world.issuer &&
    textMember(claims, 'sub') === world.boundClaims['sub'] &&
    namesAudience(claims, world.audience);
  return isBound ? undefined : 'no service account found for subject, issuer and audience';
}

function timeFault(claims: JsonObject, now: number): string | undefined {
  const [exp, iat] = ['exp', 'iat'].map((name) => numberMember(claims, name));
  if (exp === undefined || iat === undefined) return 'token has no exp or no iat';
  if (exp - iat > LONGEST_LIFE) return 'token validity period exceeds 2 hours';
  if (exp <= now) return 'token is expired';
  return Math.max(iat, numberMember(claims, 'nbf') ?? 0) > now ? 'token is not valid yet' : undefined;
}
