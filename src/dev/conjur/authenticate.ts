import { BlockList, isIPv6 } from 'node:net';

import { type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import { namesAudience } from '../frame/id-token.ts';
import type { ServerReply, ServerRequest, VerifiedToken } from '../types.ts';
import { type Appliance, hostLogin, logged } from './appliance.ts';
import { bare, failure, JSON_TYPE, text } from './replies.ts';
import { parseForm } from './requests.ts';

/** What the URL of a login says, decoded. */
export interface LoginTarget {
  readonly serviceId: string;
  readonly account: string;
  readonly login: string | undefined;
}

const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

/** A refusal: what goes to the log, and the status that goes to the client. */
class Refusal extends Error {
  readonly reply: ServerReply;

  constructor(code: string, reply: ServerReply = bare(401)) {
    super(code);
    this.reply = reply;
  }
}

/** `POST …/authenticate`: the checks in the server's own order, then an access token (conjur-vault.md, 1.2). */
export async function authenticate(
  appliance: Appliance,
  target: LoginTarget,
  request: ServerRequest,
): Promise<ServerReply> {
  try {
    checkAuthenticator(appliance, target);
    const jwt = jwtOf(request);
    checkKeys(appliance);
    const token = await verified(appliance, jwt);
    checkClaims(appliance, token.claims);
    const login = loginOf(appliance, target, token.claims);
    checkRole(appliance, login, request);
    checkAnnotations(appliance, token.claims);
    return tokenReply(appliance, login, request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    logged(appliance, error.message);
    return error.reply;
  }
}

/** Rows 1 and 2. */
function checkAuthenticator({ account, serviceId, options }: Appliance, target: LoginTarget): void {
  if (target.account !== account) throw new Refusal('CONJ00008E Account is not defined');
  if (target.serviceId !== serviceId || !options.enabled) throw new Refusal('CONJ00004E Authenticator is not enabled');
}

/** Rows 3 and 4. The Content-Type is ignored, the form is read from the raw bytes. */
function jwtOf(request: ServerRequest): string {
  const form = parseForm(request.body.toString('latin1'));
  if (form === undefined) throw new Refusal('CONJ00009E malformed form');
  const jwt = (form.get('jwt') ?? '').trim();
  if (jwt === '') throw new Refusal('CONJ00009E Field jwt is missing or empty', bare(400));
  if (!/^[-A-Za-z0-9_=]+\.[-A-Za-z0-9_=]+\.[-A-Za-z0-9_=]+$/.test(jwt)) throw new Refusal('CONJ00077E body is no JWT');
  return jwt;
}

/** Rows 5 and 6. */
function checkKeys(appliance: Appliance): void {
  if (!appliance.options.signingKey) throw new Refusal('CONJ00037E jwks-uri has no value');
  if (appliance.congestedLeft === 0) return;
  appliance.congestedLeft--;
  throw new Refusal('CONJ00044E too many key set requests in flight', bare(503));
}

/** Rows 7 and 8; the signature first, then the times, with no leeway at all. */
async function verified({ world }: Appliance, jwt: string): Promise<VerifiedToken> {
  const token = await world.verify(jwt, ALGORITHMS);
  if (token === undefined || textMember(token.header, 'kid') === undefined)
    throw new Refusal('CONJ00035E Failed to decode token');
  const { claims } = token;
  const exp = numberMember(claims, 'exp');
  const nbf = numberMember(claims, 'nbf');
  if (exp !== undefined && exp * 1000 <= world.now()) {
    throw new Refusal('CONJ00016E Token expired', failure(401, 'unauthorized', 'CONJ00016E Token expired'));
  }
  if (nbf !== undefined && nbf * 1000 > world.now()) throw new Refusal('CONJ00035E Signature nbf has not been reached');
  if (claims.members.size === 0) throw new Refusal('CONJ00085E Token is empty');
  return token;
}

/** Row 9. */
function checkClaims({ world, options }: Appliance, claims: JsonObject): void {
  if (numberMember(claims, 'exp') === undefined) throw new Refusal('CONJ00091E Mandatory claim exp is missing');
  if (options.audience) checkAudience(world.audience, claims);
  const iss = textMember(claims, 'iss');
  if (iss === undefined) throw new Refusal('CONJ00091E Mandatory claim iss is missing');
  if (iss !== world.issuer) throw new Refusal('CONJ00035E Invalid issuer');
  const iat = numberMember(claims, 'iat');
  if (iat !== undefined && iat * 1000 > world.now()) throw new Refusal('CONJ00035E Invalid iat');
}

function checkAudience(expected: string, claims: JsonObject): void {
  if (member(claims, 'aud') === undefined) throw new Refusal('CONJ00091E Mandatory claim aud is missing');
  if (!namesAudience(claims, expected)) throw new Refusal('CONJ00035E Invalid audience');
}

/** Row 10: the URL or a claim, never both, never neither. */
function loginOf({ tokenAppProperty, identityPath }: Appliance, target: LoginTarget, claims: JsonObject): string {
  if ((tokenAppProperty === undefined) === (target.login === undefined))
    throw new Refusal('CONJ00098E identity is misconfigured');
  if (tokenAppProperty === undefined) return target.login ?? '';
  const value = member(claims, tokenAppProperty);
  if (value === undefined) throw new Refusal(`CONJ00081E Claim ${tokenAppProperty} is missing`);
  if (value.kind !== 'string') throw new Refusal(`CONJ00117E Claim ${tokenAppProperty} is not a string`);
  if (value.value === '') throw new Refusal(`CONJ00118E Claim ${tokenAppProperty} is empty`);
  return hostLogin(identityPath, value.value);
}

/** Rows 11 to 14. A login without `host/` means a user, and there is none. */
function checkRole(appliance: Appliance, login: string, request: ServerRequest): void {
  const { login: known, hasRole, options, world } = appliance;
  if (!hasRole || login !== known) throw new Refusal('CONJ00007E Role not found');
  if (!options.member || world.policy?.facts['member'] === 'no')
    throw new Refusal('CONJ00006E Role may not authenticate', bare(403));
  if (!isWithin(options.restrictedTo, request.remoteAddress)) throw new Refusal('CONJ00003E Invalid origin');
}

/** Row 15: at least one, and each equal to its claim as a string. */
function checkAnnotations({ world, options }: Appliance, claims: JsonObject): void {
  const annotations = options.annotations ? Object.entries(world.boundClaims) : [];
  if (annotations.length === 0) throw new Refusal('CONJ00099E Role has no annotation of this authenticator');
  for (const [claim, value] of annotations) {
    const found = member(claims, claim);
    if (found === undefined) throw new Refusal(`CONJ00084E Claim ${claim} is missing`);
    if (found.kind !== 'string' || found.value !== value) throw new Refusal(`CONJ00049E Claim ${claim} does not match`);
  }
}

/** Whether an address is in one of these networks; no network means any address. */
function isWithin(networks: string, address: string): boolean {
  const list = new BlockList();
  const entries = networks.split(' ').filter((entry) => entry !== '');
  for (const entry of entries) {
    const [network = '', bits] = entry.split('/');
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(bits), family);
  }
  return entries.length === 0 || list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function tokenReply({ world, options, signer }: Appliance, login: string, request: ServerRequest): ServerReply {
  const iat = Math.floor(world.now() / 1000);
  const token = signer.issue({
    iat,
    sub: login,
    ...(options.noExp ? {} : { exp: iat + options.tokenLifetime }),
    ...(options.edition === 'saas' ? { tid: '2c7a7a5e-0000-4000-8000-000000000000' } : {}),
  });
  const base64 = Buffer.from(token).toString('base64');
  if (options.loginBase64) return text(200, base64);
  // Here a list that has the word is enough; one with a quality value is another word.
  const asked = (request.headers['accept-encoding'] ?? '').split(',').map((one) => one.trim().toLowerCase());
  if (asked.includes('base64')) return text(200, base64, { 'content-encoding': 'base64' });
  return { status: 200, headers: { 'content-type': JSON_TYPE }, body: token };
}
