import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { OAuth2Server } from 'oauth2-mock-server';
import { errors, Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finished } from '../support/program.ts';
import { layOut, openStage, type Stage } from '../support/stage.ts';

// A provider that nobody here wrote, with the grant of RFC 8693 registered as its documentation says, and an issuer that
// nobody here wrote either.

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const AUDIENCE = 'https://auth.example.com';
const SECRET = 'client secret: 1+1=2 & 100%';
const PARAMETERS = ['subject_token', 'subject_token_type', 'requested_token_type', 'audience', 'resource', 'scope'];

let issuer: OAuth2Server;
let server: Server;
let stage: Stage;
let url: string;

/** The exchange: whoever shows a token of that issuer for this audience gets one of the provider's own. */
async function exchange(context: TokenEndpointGrantContext): Promise<void> {
  const { params, client, provider } = context.oidc;
  const jwks = createRemoteJWKSet(new URL(`${issuer.issuer.url}/jwks`));
  const { payload } = await jwtVerify(`${params?.['subject_token']}`, jwks, {
    issuer: `${issuer.issuer.url}`,
    audience: AUDIENCE,
  }).catch(() => {
    throw new errors.InvalidGrant('the subject token is not to be trusted');
  });
  if (client === undefined) throw new errors.InvalidClient('no client');
  const token = new provider.ClientCredentials({ client, extra: { sub: payload.sub } });
  context.body = {
    access_token: await token.save(),
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: token.expiration,
  };
}

beforeAll(async () => {
  issuer = new OAuth2Server();
  await issuer.issuer.keys.generate('RS256');
  await issuer.start(0, '127.0.0.1');
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{ client_id: 'ci', client_secret: SECRET, redirect_uris: [], response_types: [], grant_types: [GRANT] }],
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      clientCredentials: { enabled: true },
    },
  });
  provider.registerGrantType(GRANT, exchange, PARAMETERS, ['audience', 'resource']);
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  url = `http://127.0.0.1:${port}`;
  stage = await openStage();
});

afterAll(async () => {
  await stage?.close();
  await issuer?.stop();
  server?.close();
});

async function idToken(claims: object): Promise<string> {
  return issuer.issuer.buildToken({ scopesOrTransform: (_, payload) => void Object.assign(payload, claims) });
}

async function run(args: readonly string[], claims: object = {}, settings: readonly string[] = []): Promise<Finished> {
  const lines = [
    'type: token-exchange',
    `url: ${url}/token`,
    'client-id: ci',
    `revocation-url: ${url}/token/revocation`,
    ...settings,
  ];
  layOut(stage, { 'secretctl.yaml': ['backends:', '  login:', ...lines.map((line) => `    ${line}`), ''].join('\n') });
  const env = Object.fromEntries(
    Object.keys(stage.env)
      .filter((name) => name.startsWith('CONJUR_'))
      .map((name) => [name, undefined]),
  );
  return stage.run(args, {
    env: {
      ...env,
      SECRETCTL_TOKEN_EXCHANGE_CLIENT_SECRET: SECRET,
      SECRETCTL_ID_TOKEN: await idToken({ aud: AUDIENCE, sub: 'project_path:acme/shop', ...claims }),
    },
  });
}

test.each([['basic'], ['post']])('a token is exchanged, the client shown by %s', async (way) => {
  const finished = await run(['fetch', '--format', 'json', 'T=access_token', 'E=expires_in'], {}, [
    `client-auth: ${way}`,
  ]);
  expect(finished.stderr).toBe('');
  expect(JSON.parse(finished.stdout.toString())).toMatchObject({ T: expect.stringMatching(/^[\w-]{20,}$/), E: '600' });
});

test('a token for somebody else is refused with the reason of the server', async () => {
  const finished = await run(['fetch', 'T=access_token', '--no-cache'], { aud: 'https://elsewhere.example.com' });
  expect(finished.exit).toBe(77);
  expect(finished.stderr).toContain('invalid_grant');
});

test('logout revokes', async () => {
  expect(await run(['login'])).toMatchObject({ exit: 0 });
  expect(await run(['logout'])).toMatchObject({ exit: 0, stderr: '' });
});

test('another grant is refused by its name', async () => {
  const finished = await run(['fetch', 'T=access_token', '--no-cache'], {}, ['grant: jwt-bearer']);
  expect(finished.stderr).toMatch(/unsupported_grant_type|unauthorized_client/);
});
