import type { IncomingMessage, ServerResponse } from 'node:http';

import { type IssuerKey, type Jwk, verifySignature } from '../../lib/jwt.ts';
import type { Runtime } from '../../lib/runtime.ts';
import type { VerifiedToken } from '../types.ts';
import type { IssuedCertificate } from './certificates.ts';
import { openHttpsServer } from './https-server.ts';
import type { CiJob, TokenEndpoint } from './ci-job.ts';
import { type ClaimOverrides, makeToken, type Signer, type TokenOptions } from './signing.ts';

/** What the issuer of a rehearsal is made from. */
export interface IssuerOptions {
  readonly job: CiJob;
  readonly tls: IssuedCertificate;
  readonly key: IssuerKey;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  readonly claims: ClaimOverrides;
}

/** The rehearsed CI: publishes its keys and signs test tokens. */
export interface Issuer extends Signer {
  /** What a job shows that asks for a token, where its CI has it ask. */
  readonly right: string;
  token(claims: ClaimOverrides, options: TokenOptions): Promise<string>;
  /** Checks a signature against its keys. */
  verify(jwt: string, algorithms: readonly string[]): Promise<VerifiedToken | undefined>;
  close(): Promise<void>;
}

/**
 * Starts it on a port of its own with a discovery document and a key set (OpenID Connect Discovery 1.0, 3 and 4;
 * RFC 7517), as the CI publishes them.
 */
export async function openIssuer(options: IssuerOptions, runtime: Pick<Runtime, 'now' | 'random'>): Promise<Issuer> {
  const { job, key, audience, lifetimeSeconds, claims } = options;
  const keys: Jwk[] = [key.publicJwk];
  const right = runtime.random(32).toString('base64url');
  const endpoint = job.token?.endpoint;
  const server = await openHttpsServer(options.tls, async (request, response) => {
    if (endpoint !== undefined && isFor(endpoint, request)) {
      const refusal = refusalOf(endpoint, request, right);
      if (refusal !== undefined) return sendRefusal(response, refusal);
      const { claims: changed, options: wish } = wishOf(endpoint, request);
      return sendJson(response, 200, { [endpoint.member]: await token(changed, wish) });
    }
    const document = request.method === 'GET' ? documents.get(request.url ?? '') : undefined;
    sendJson(response, document === undefined ? 404 : 200, document?.() ?? { error: 'not found' });
  });
  const origin = `https://localhost:${server.port}`;
  const issuer = `${origin}${job.issuerPath}`;
  const documents = new Map<string, () => object>([
    [`${job.issuerPath}/.well-known/openid-configuration`, () => discovery(issuer, `${origin}${job.jwksPath}`)],
    [job.jwksPath, () => ({ keys: job.hasSignedModulus ? keys.map(withLeadingZero) : keys })],
  ]);
  const signer: Signer = { job, origin, issuer, audience, lifetimeSeconds, claims, key };
  const token: Issuer['token'] = (overrides, tokenOptions) =>
    makeToken(signer, runtime, { claims: overrides, options: tokenOptions, publish: (jwk) => keys.push(jwk) });
  return {
    ...signer,
    right,
    token,
    verify: (jwt, algorithms) => verifySignature(jwt, { keys }, algorithms),
    close: () => server.close(),
  };
}

function isFor({ method, path }: TokenEndpoint, { method: came, url = '' }: IncomingMessage): boolean {
  return method === came && path === url.replace(/\?.*/s, '');
}

/** A status, and what is wrong. */
type Refusal = readonly [status: 302 | 400 | 401, message: string];

/** What the CI has against the request; undefined when nothing. */
function refusalOf(
  endpoint: TokenEndpoint,
  { headers, url = '' }: IncomingMessage,
  right: string,
): Refusal | undefined {
  const { authorization, noSignIn, query } = endpoint;
  if (headers.authorization !== authorization(right)) {
    const isSent = noSignIn !== undefined && headers[noSignIn[0]] !== noSignIn[1];
    return isSent ? [302, 'sign in'] : [401, 'no right to ask'];
  }
  const asked = queryOf(url);
  const missing = Object.entries(query).find(([name, value]) => asked.get(name) !== value);
  if (missing !== undefined) return [400, `${missing[0]} must be ${missing[1]}`];
  return endpoint.claims !== undefined && endpoint.claims(asked) === undefined
    ? [400, 'no such connection']
    : undefined;
}

/** What the token is to say by the request's wish. */
function wishOf(
  { takesAudience, claims }: TokenEndpoint,
  { url = '' }: IncomingMessage,
): { readonly claims: ClaimOverrides; readonly options: TokenOptions } {
  const query = queryOf(url);
  const audience = takesAudience ? query.get('audience') : null;
  return { claims: claims?.(query) ?? {}, options: audience === null ? {} : { audience } };
}

function queryOf(url: string): URLSearchParams {
  return new URLSearchParams(url.replace(/^[^?]*/, ''));
}

function discovery(issuer: string, jwksUri: string): object {
  return {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

/** The modulus as Java's signed numbers have it, which is how Jenkins' plugins publish it. */
function withLeadingZero(jwk: Jwk): Jwk {
  if (jwk.n === undefined) return jwk;
  return { ...jwk, n: Buffer.concat([Buffer.of(0), Buffer.from(jwk.n, 'base64url')]).toString('base64url') };
}

function sendRefusal(response: ServerResponse, [status, message]: Refusal): void {
  if (status === 302) response.setHeader('location', '/_signin');
  sendJson(response, status, { message });
}

function sendJson(response: ServerResponse, status: number, document: object): void {
  const body = Buffer.from(JSON.stringify(document));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}
