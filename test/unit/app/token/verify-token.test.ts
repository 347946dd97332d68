import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Verification, verifyToken } from '../../../../src/app/token/verify-token.ts';
import { createAuthority } from '../../../../src/dev/frame/certificates.ts';
import { openHttpsServer } from '../../../../src/dev/frame/https-server.ts';
import { createIssuerKey, readToken, signToken } from '../../../../src/lib/jwt.ts';
import { Sensitive } from '../../../../src/lib/sensitive.ts';
import type { TokenRules } from '../../../../src/lib/token-rules.ts';
import { findLeaks } from '../../../support/canaries.ts';
import { craftToken, fineClaims, numericDate } from '../../../support/craft.ts';
import { invocationIn } from '../../../support/invocation.ts';
import { issuerKey } from '../../../support/issuer-key.ts';

const otherKey = await createIssuerKey();
const authority = await createAuthority();
const certificate = await authority.issue({ names: ['localhost', '127.0.0.1'] });
const CA = { pem: authority.caPem, origin: 'test' };

const RULES: TokenRules = {
  algorithms: ['RS256', 'ES256'],
  requiredClaims: ['iss'],
  longestTokenSeconds: undefined,
  audience: undefined,
  issuer: undefined,
  toLoopback: false,
};

/** What an issuer answers, by path; `ORIGIN` in it stands for its own address. */
type Documents = Readonly<Record<string, unknown>>;

const DISCOVERY = { issuer: 'ORIGIN', jwks_uri: 'ORIGIN/keys' };
const KEYS = { keys: [issuerKey.publicJwk] };
const FINE: Documents = { '/.well-known/openid-configuration': DISCOVERY, '/keys': KEYS };

interface Asked {
  readonly documents?: Documents;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: typeof issuerKey;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly rules?: Partial<TokenRules>;
  readonly issuerPath?: string;
  readonly keysPath?: string;
  readonly serverAheadMs?: number;
  /** A whole token in place of one that is signed. */
  readonly craft?: (claims: Record<string, unknown>) => string;
}

/** Verifies a token of an issuer that runs for this test, and says what it was asked. */
async function verified(asked: Asked): Promise<Verification & { came: string[]; jwt: string }> {
  const { documents = FINE, key = issuerKey, header = {}, rules, issuerPath = '', serverAheadMs = 0 } = asked;
  const came: string[] = [];
  const server = await openHttpsServer(certificate, async (request, response) => {
    came.push(`${request.method} ${request.url}`);
    expect(request.headers).not.toHaveProperty('authorization');
    const document = documents[request.url ?? ''];
    const text = JSON.stringify(document ?? {}).replaceAll('ORIGIN', origin);
    const date = new Date(Date.now() + serverAheadMs).toUTCString();
    const moved = typeof document === 'string';
    response.writeHead(moved ? 302 : document === undefined ? 404 : 200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      date,
      ...(moved && { location: document }),
    });
    response.end(text);
  });
  onTestFinished(() => server.close());
  const origin = `https://localhost:${server.port}`;
  const claims = fineClaims({ iss: `${origin}${issuerPath}`, ...asked.claims });
  const jwt = asked.craft?.(claims) ?? (await signToken(claims, key, { header })).reveal().toString();
  const token = readToken(new Sensitive(jwt), 'test');
  const keysUrl = asked.keysPath === undefined ? undefined : new URL(asked.keysPath, origin);
  const invocation = invocationIn();
  return { ...(await verifyToken(token, { ...RULES, ...rules }, { keysUrl, ca: CA }, invocation)), came, jwt };
}

test('a token of its issuer verifies, with two requests that carry nothing', async () => {
  const { isSigned, failure, published, came } = await verified({});
  expect({ isSigned, failure }).toEqual({ isSigned: true, failure: undefined });
  expect(came).toEqual(['GET /.well-known/openid-configuration', 'GET /keys']);
  expect(published?.keys.map(({ kid }) => kid)).toEqual([issuerKey.kid]);
});

describe('a token that does not verify', () => {
  const rsaOnly = { ...RULES, algorithms: ['RS256'] };
  test.each<[string, Asked, string]>([
    ['of a key that is not published', { key: otherKey }, 'TOKEN_SIGNATURE'],
    [
      'that names a published key and is of another',
      { key: otherKey, header: { kid: issuerKey.kid } },
      'TOKEN_SIGNATURE',
    ],
    ['of an issuer without keys', { documents: { ...FINE, '/keys': { keys: [] } } }, 'TOKEN_SIGNATURE'],
    [
      'whose key is for encryption',
      { documents: { ...FINE, '/keys': { keys: [{ ...issuerKey.publicJwk, use: 'enc' }] } } },
      'TOKEN_SIGNATURE',
    ],
    ['that has expired', { claims: { exp: 1_700_000_000 } }, 'TOKEN_EXPIRED'],
    ['that is for the future', { claims: { nbf: 4_000_000_000, exp: 4_100_000_000 } }, 'TOKEN_NOT_YET_VALID'],
    ['for another audience', { rules: { audience: 'https://elsewhere.example' } }, 'TOKEN_AUDIENCE'],
    ['of another issuer than configured', { rules: { issuer: 'https://elsewhere.example' } }, 'TOKEN_ISSUER'],
    ['with a header that demands more', { header: { crit: ['b64'], b64: true } }, 'TOKEN_CRIT'],
  ])('%s', async (_, asked, reason) => {
    const { failure } = await verified({ rules: rsaOnly, ...asked });
    expect(failure?.reason).toBe(reason);
    expect(failure?.exit).toBe(79);
  });

  test.each(['none', 'HS256', 'RS1', ''])('signed with %j is refused before a packet', async (alg) => {
    const { failure, came } = await verified({ craft: (claims) => craftToken({ alg }, claims) });
    expect(failure?.reason).toBe('ALG_REFUSED');
    expect(came).toEqual([]);
  });

  test.each([[undefined], ['gitlab.example.com'], ['http://gitlab.example.com'], ['https://user:pw@localhost/']])(
    'whose issuer is %j, no address to ask',
    async (iss) => {
      const { failure, came } = await verified({ claims: { iss } });
      expect(failure?.reason).toBe('TOKEN_ISSUER');
      expect(came).toEqual([]);
    },
  );

  test('shows nothing of itself in what is said about it', async () => {
    const { failure, jwt } = await verified({ key: otherKey });
    const said = [failure?.message, ...(failure?.hints ?? []), ...(failure?.facts.details ?? [])].join('\n');
    expect(said.length).toBeGreaterThan(20);
    expect(findLeaks('the failure', said, [jwt, ...jwt.split('.')])).toEqual([]);
  });
});

describe('clocks may be a minute apart', () => {
  test.each([
    ['an end half a minute ago', { exp: numericDate(-30) }, undefined],
    ['an end two minutes ago', { exp: numericDate(-120) }, 'TOKEN_EXPIRED'],
    ['a start in two minutes', { nbf: numericDate(120) }, 'TOKEN_NOT_YET_VALID'],
  ])('%s', async (_, claims, reason) => {
    const { failure, isSigned } = await verified({ claims });
    expect({ reason: failure?.reason, isSigned }).toEqual({ reason, isSigned: true });
  });
});

describe('a key is found', () => {
  test('by its name among others', async () => {
    const keys = { keys: [otherKey.publicJwk, issuerKey.publicJwk] };
    expect((await verified({ documents: { ...FINE, '/keys': keys } })).failure).toBeUndefined();
  });

  test('without a name, by trying each', async () => {
    const keys = { keys: [otherKey.publicJwk, issuerKey.publicJwk].map((jwk) => ({ ...jwk, kid: undefined })) };
    expect(
      (await verified({ documents: { ...FINE, '/keys': keys }, header: { kid: undefined } })).failure,
    ).toBeUndefined();
  });

  test('beside others that are none: broken, too short, of another kind', async () => {
    const { n: _modulus, ...cut } = issuerKey.publicJwk;
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    const others = [
      cut,
      { ...cut, n: '!' },
      { ...short, kid: issuerKey.kid },
      { kty: 'EC', crv: 'P-0', x: 'A', y: 'A' },
      null,
      7,
    ];
    for (const keys of [
      [...others, issuerKey.publicJwk],
      [issuerKey.publicJwk, ...others],
    ]) {
      expect((await verified({ documents: { ...FINE, '/keys': { keys } } })).failure).toBeUndefined();
    }
    const { failure, isSigned } = await verified({ documents: { ...FINE, '/keys': { keys: others } } });
    expect({ reason: failure?.reason, isSigned }).toEqual({ reason: 'TOKEN_SIGNATURE', isSigned: false });
  });

  test('behind a path of the issuer', async () => {
    const documents = {
      '/oidc/.well-known/openid-configuration': { issuer: 'ORIGIN/oidc', jwks_uri: 'ORIGIN/oidc/jwks' },
      '/oidc/jwks': KEYS,
    };
    expect((await verified({ documents, issuerPath: '/oidc' })).failure).toBeUndefined();
  });

  test('where --keys-url says, and then its issuer is not asked', async () => {
    const { failure, came } = await verified({ documents: { '/elsewhere': KEYS }, keysPath: '/elsewhere' });
    expect(failure).toBeUndefined();
    expect(came).toEqual(['GET /elsewhere']);
  });
});

describe('what an issuer answers', () => {
  const withDiscovery = (document: unknown): Asked => ({
    documents: { ...FINE, '/.well-known/openid-configuration': document },
  });
  test.each<[string, Asked, string, number]>([
    ['nothing there', { documents: {} }, 'UNEXPECTED_ANSWER', 1],
    ['another issuer', withDiscovery({ ...DISCOVERY, issuer: 'ORIGIN/' }), 'UNEXPECTED_ANSWER', 1],
    ['no issuer', withDiscovery({ jwks_uri: 'ORIGIN/keys' }), 'UNEXPECTED_ANSWER', 1],
    ['no key set', withDiscovery({ issuer: 'ORIGIN' }), 'UNEXPECTED_ANSWER', 1],
    ['keys without TLS', withDiscovery({ ...DISCOVERY, jwks_uri: 'http://keys.example/' }), 'UNEXPECTED_ANSWER', 1],
    [
      'keys on another host',
      withDiscovery({ ...DISCOVERY, jwks_uri: 'https://keys.example/' }),
      'ENDPOINT_NOT_ALLOWED',
      1,
    ],
    ['a redirect', withDiscovery('https://elsewhere.example/'), 'REDIRECT_REFUSED', 1],
    ['keys that are no list', { documents: { ...FINE, '/keys': { keys: {} } } }, 'UNEXPECTED_ANSWER', 2],
    [
      'very many keys',
      { documents: { ...FINE, '/keys': { keys: Array.from({ length: 101 }, () => ({})) } } },
      'UNEXPECTED_ANSWER',
      2,
    ],
    ['a document without end', { documents: { ...FINE, '/keys': { x: 'x'.repeat(300_000) } } }, 'RESPONSE_TOO_BIG', 2],
  ])('%s is a failure', async (_, asked, reason, requests) => {
    const { failure, came, isSigned } = await verified(asked);
    expect({ reason: failure?.reason, isSigned }).toEqual({ reason, isSigned: undefined });
    expect(came).toHaveLength(requests);
  });

  test('on its clock is seen, whatever becomes of the token', async () => {
    const { published } = await verified({ serverAheadMs: 3_600_000, key: otherKey });
    expect(published?.clockOffsetMs).toBeGreaterThan(3_590_000);
  });
});
