import { randomBytes } from 'node:crypto';
import { createIssuerKey, type IssuerKey, signToken, verifySignature } from '../../../../src/lib/jwt.ts';
import { type ConjurServer, startConjur } from '../../../../src/dev/conjur/index.ts';
import type { ServerReply, ServerRequest } from '../../../../src/dev/types.ts';

const key: Promise<IssuerKey> = createIssuerKey('RS256');

export const ISSUER = 'https://gitlab.example.test';
const AUDIENCE = 'https://conjur.example.test';
const BOUND = { project_path: 'acme/shop', ref: 'main', ref_protected: 'true' };

/** Half a second past a full second, so that whole and fractional clocks differ. */
const NOW_MS = 1_800_000_000_500;
export const NOW = 1_800_000_000;

export interface StrictConjur {
  readonly server: ConjurServer;
  clockMs: number;
  /** Sends without TLS, straight to the product. */
  send(request: Partial<ServerRequest> & { readonly target: string }): Promise<ServerReply>;
  /** A signed token; claims on top of those of a good one, `undefined` removes one. */
  token(
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
    signer?: IssuerKey,
  ): Promise<string>;
  /** The reply to a login with this token. */
  login(jwt: string, path?: string): Promise<ServerReply>;
  /** The header that a good login earns. */
  authorization(): Promise<Record<string, string>>;
}

export const LOGIN = '/authn-jwt/ci/rehearsal/authenticate';
export const SAAS_LOGIN = '/api/authn-jwt/ci/conjur/authenticate';

/** A strict Conjur of its own, with these options and secrets. */
export async function strictConjur(
  options: Readonly<Record<string, string>> = {},
  secrets: Readonly<Record<string, readonly (string | Buffer)[]>> = {},
  forbidden: readonly string[] = [],
): Promise<StrictConjur> {
  const issuerKey = await key;
  const strict: StrictConjur = {
    clockMs: NOW_MS,
    server: startConjur({
      secrets: new Map(
        Object.entries(secrets).map(([path, values]) => [path, values.map((value) => Buffer.from(value))]),
      ),
      forbidden: new Set(forbidden),
      verify: (jwt, algorithms) => verifySignature(jwt, { keys: [issuerKey.publicJwk] }, algorithms),
      issuer: ISSUER,
      audience: AUDIENCE,
      boundClaims: BOUND,
      now: () => strict.clockMs,
      random: randomBytes,
      options: new Map(Object.entries(options)),
    }),
    send: (request) =>
      strict.server.handle({
        method: 'GET',
        headers: {},
        body: Buffer.alloc(0),
        remoteAddress: '127.0.0.1',
        ...request,
      }),
    async token(claims = {}, header = {}, signer = issuerKey) {
      const good = { iss: ISSUER, aud: AUDIENCE, sub: 'job', iat: NOW - 10, nbf: NOW - 10, exp: NOW + 300, ...BOUND };
      const signed = await signToken({ ...good, ...claims }, signer, { header });
      return signed.reveal().toString();
    },
    login: (jwt, path) =>
      strict.send({ method: 'POST', target: path ?? loginPath(options), body: Buffer.from(`jwt=${jwt}`) }),
    async authorization() {
      const reply = await strict.login(await strict.token());
      if (reply.status !== 200) throw new Error(`the login was refused: ${strict.server.log.join()}`);
      return { authorization: `Token token="${Buffer.from(reply.body ?? '').toString('base64')}"` };
    },
  };
  return strict;
}

function loginPath(options: Readonly<Record<string, string>>): string {
  const hasOneAccount = options['edition'] === 'saas' || options['edition'] === 'edge';
  const path = hasOneAccount ? SAAS_LOGIN : LOGIN;
  return options['identity'] === 'url'
    ? path.replace(/authenticate$/, 'host%2Fdata%2Fci%2Frehearsal/authenticate')
    : path;
}

/** The text of a reply's body. */
export function bodyOf(reply: ServerReply): string {
  return reply.body === undefined ? '' : reply.body.toString();
}
