import { createHmac, createPrivateKey, KeyObject } from 'node:crypto';

import { createIssuerKey, type IssuerKey, type Jwk, signToken } from '../../lib/jwt.ts';
import type { Runtime } from '../../lib/runtime.ts';
import type { CiJob } from './ci-job.ts';

/** Makes test tokens of one CI with one key: all that `dev token` needs of a rehearsal that another process runs. */
export interface Signer {
  readonly job: CiJob;
  readonly origin: string;
  /** `iss` of its tokens. */
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  /** What its tokens say differently from the CI's; `null` removes a claim. */
  readonly claims: ClaimOverrides;
  readonly key: IssuerKey;
}

/** How one test token differs from the next. */
export interface TokenOptions {
  readonly audience?: string;
  readonly lifetimeSeconds?: number;
  /** RS256 without it. Another asymmetric one gets a key of its own; `HS256` a random secret; `none` no signature. */
  readonly algorithm?: string;
  /** Header members added or replaced. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** Claims that replace or add to those of the CI; `null` removes one. */
export type ClaimOverrides = Readonly<Record<string, unknown>>;

/** One test token, signed now; `publish` gets the public half of a key that it needed and that is new. */
export async function makeToken(
  signer: Signer,
  runtime: Pick<Runtime, 'now' | 'random'>,
  request: { readonly claims: ClaimOverrides; readonly options: TokenOptions; publish(key: Jwk): void },
): Promise<string> {
  const { options } = request;
  const claims = overridden(
    signer.job.claims({
      origin: signer.origin,
      issuer: signer.issuer,
      audience: options.audience ?? signer.audience,
      issuedAt: Math.floor(runtime.now() / 1000),
      lifetimeSeconds: options.lifetimeSeconds ?? signer.lifetimeSeconds,
      jti: uuid(runtime.random(16)),
    }),
    { ...signer.claims, ...request.claims },
  );
  const algorithm = options.algorithm ?? signer.key.algorithm;
  if (algorithm === 'none' || algorithm === 'HS256') {
    const secret = algorithm === 'none' ? undefined : runtime.random(32);
    return withoutKeyPair(claims, { typ: 'JWT', ...options.header, alg: algorithm }, secret);
  }
  const key = algorithm === signer.key.algorithm ? signer.key : await createIssuerKey(algorithm);
  if (key !== signer.key) request.publish(key.publicJwk);
  const jwt = await signToken(claims, key, options.header === undefined ? {} : { header: options.header });
  return jwt.reveal().toString('ascii');
}

/** The private half of a key as another process can read it again: PKCS #8, PEM. */
export function exportKey(key: IssuerKey): string {
  return KeyObject.from(key.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The RS256 key of such a text. Throws for any other. */
export function importKey(pem: string, kid: string): IssuerKey {
  const key = createPrivateKey(pem);
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  return {
    algorithm: 'RS256',
    kid,
    privateKey: key.toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['sign']),
    publicJwk: { kty: 'RSA', n, e, kid, alg: 'RS256', use: 'sig' },
  };
}

function overridden(claims: Readonly<Record<string, unknown>>, overrides: ClaimOverrides): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...claims, ...overrides }).filter(([, value]) => value !== null));
}

function withoutKeyPair(claims: object, header: object, secret: Buffer | undefined): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${secret === undefined ? '' : createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** Version 4 (RFC 9562 5.4). */
function uuid(bytes: Buffer): string {
  const octets = Buffer.from(bytes);
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
