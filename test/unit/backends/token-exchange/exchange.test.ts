import { expect, test } from 'vitest';
import { tokenExchange } from '../../../../src/backends/token-exchange/index.ts';
import { isRevoking } from '../../../../src/backends/types.ts';
import { Sensitive } from '../../../../src/lib/sensitive.ts';
import { type BackendSetup, type RehearsedBackend, refs, rehearseBackend } from '../../../support/rehearsed-backend.ts';

const rehearse = (setup: BackendSetup = {}): Promise<RehearsedBackend> => rehearseBackend(tokenExchange, setup);

/** What came, as text. */
async function told(backend: RehearsedBackend, ...wanted: readonly string[]): Promise<string[]> {
  const outcomes = await backend.fetch(refs(...wanted));
  return outcomes.map((one) => ('value' in one ? one.value.reveal().toString() : one.refusal));
}

test.each<[string, BackendSetup]>([
  ['a token exchange', {}],
  [
    'a token exchange with everything',
    {
      values: {
        scope: 'read,write',
        'target-audience': 'api,jobs',
        resource: 'https://api.example.com',
        'requested-token-type': 'jwt',
        'subject-token-type': 'id_token',
      },
    },
  ],
  ['an authorization grant', { options: { grant: 'jwt-bearer' } }],
  ['a client assertion', { options: { grant: 'client-credentials' } }],
  ['a public client', { options: { client: 'ci' } }],
])('%s gives a token', async (_, setup) => {
  const backend = await rehearse(setup);
  const [token, type, nothing] = await told(backend, 'access_token', 'token_type', 'refresh_token');
  expect(token).toMatch(/^[\w-]{40,}$/);
  expect([type, nothing]).toEqual(['Bearer', 'missing']);
  expect(backend.taken()).toEqual(['POST /oauth2/token']);
});

test.each(['basic', 'post'])('a client shows its secret by %s, with characters that forms encode', async (way) => {
  const secret = 'a:b%c+d é&=';
  const backend = await rehearse({
    options: { client: 'ci/one', 'client-secret': secret },
    values: { 'client-auth': way, 'client-secret': secret },
  });
  expect(await told(backend, 'token_type')).toEqual(['Bearer']);
  const wrong = await rehearse({
    options: { client: 'ci', 'client-secret': secret },
    values: { 'client-secret': 'wrong', 'client-auth': way },
  });
  const error: unknown = await wrong.logIn().catch((error_: unknown) => error_);
  expect(error).toMatchObject({ reason: 'AUTH_REFUSED', exit: 77 });
  expect(JSON.stringify(error)).not.toContain('wrong');
});

test('who acts for the subject is said with its kind', async () => {
  const backend = await rehearse({ values: { 'actor-token': 'an-actor-token' } });
  expect(await told(backend, 'token_type')).toEqual(['Bearer']);
});

test.each<[string, BackendSetup, string, string, string]>([
  [
    'a grant that the server does not know',
    { options: { grant: 'jwt-bearer' }, values: { grant: 'token-exchange' } },
    'AUTH_REFUSED',
    'subject_token does not belong',
    '',
  ],
  [
    'another audience',
    { options: { audience: 'api' }, values: { 'target-audience': 'other' } },
    'BAD_REQUEST',
    'invalid_target',
    'target-audience',
  ],
  [
    'a scope too many',
    { options: { scopes: 'read' }, values: { scope: 'read,write' } },
    'BAD_REQUEST',
    'invalid_scope',
    'scope',
  ],
  [
    'no client',
    { options: { client: 'ci' }, values: { 'client-id': 'other' } },
    'AUTH_REFUSED',
    'invalid_client',
    'client-id',
  ],
  [
    'an error in a 200',
    { faults: ['exchange:200;body={"error":"invalid_grant"}'] },
    'AUTH_REFUSED',
    'invalid_grant',
    '',
  ],
  [
    'a token twice',
    { faults: ['exchange:200;body={"access_token":"a","access_token":"b","token_type":"Bearer"}'] },
    'UNEXPECTED_ANSWER',
    'twice',
    '',
  ],
  [
    'a token with a line end',
    { faults: ['exchange:200;body={"access_token":"a\\n","token_type":"Bearer"}'] },
    'UNEXPECTED_ANSWER',
    'no usable',
    '',
  ],
  ['no token type', { faults: ['exchange:200;body={"access_token":"a"}'] }, 'UNEXPECTED_ANSWER', 'token_type', ''],
  [
    'an odd life',
    { faults: ['exchange:200;body={"access_token":"a","token_type":"x","expires_in":"soon"}'] },
    'UNEXPECTED_ANSWER',
    'expires_in',
    '',
  ],
  ['a wrong address', { path: '/elsewhere' }, 'BAD_REQUEST', 'not_found', 'token endpoint'],
])('%s is refused with what to do', async (_, setup, reason, ...words) => {
  const [message, hint] = words;
  const { logIn } = await rehearse(setup);
  const error: unknown = await logIn().catch((error_: unknown) => error_);
  expect(error).toMatchObject({ reason });
  expect(`${error}`).toContain(message);
  expect(JSON.stringify((error as { hints?: unknown }).hints ?? '')).toContain(hint);
});

test.each<[string, number | undefined]>([
  ['"expires_in":60', 60],
  ['"expires_in":"60"', 60],
  ['"expires_in":null', undefined],
  ['"scope":"x"', undefined],
])('a life of %s is understood', async (member, seconds) => {
  const { logIn } = await rehearse({ faults: [`exchange:200;body={"access_token":"a","token_type":"N_A",${member}}`] });
  expect(await logIn()).toMatchObject({ lifetimeSeconds: seconds });
});

test('a member that is no text is had as JSON, with its digits as they came', async () => {
  const body = '{"access_token":"a","token_type":"x","limits":{"n":1.50}}';
  const backend = await rehearse({ faults: [`exchange:200;body=${body}`] });
  expect(await told(backend, 'limits')).toEqual(['{"n":1.50}']);
});

test('the new token is revoked where that is configured', async () => {
  const { backend, logIn, taken } = await rehearse();
  const accessToken = await logIn();
  taken();
  if (!isRevoking(backend)) throw new Error('cannot revoke');
  await backend.revoke(accessToken);
  expect(taken()).toEqual(['POST /oauth2/revoke']);
});

test.each<[Record<string, string>, RegExp]>([
  [{ 'client-secret': 'x' }, /client-id/],
  [{ 'actor-token': 'x', grant: 'jwt-bearer' }, /actor-token/],
  [{ 'requested-token-type': 'jwt', grant: 'jwt-bearer' }, /requested-token-type/],
  [{ 'client-secret': 'x', 'client-id': 'y', grant: 'client-credentials' }, /client-secret/],
])('settings that do not go together are a fault', (given, fault) => {
  const rows = tokenExchange.settings;
  const values = Object.fromEntries(
    Object.entries(rows).map(([key, row]) => {
      const text = given[key];
      return [key, text === undefined ? ('default' in row ? row.default : undefined) : row.parser.parse(text)];
    }),
  );
  const faults = tokenExchange.check(new URL('https://auth.example.com/token'), values as never);
  expect(JSON.stringify(faults)).toMatch(fault);
});

test('secrets in settings are never text', () => {
  const value = tokenExchange.settings['client-secret'].parser.parse('hunter2-hunter2');
  expect(value).toBeInstanceOf(Sensitive);
  expect(`${value}${JSON.stringify({ value })}`).not.toContain('hunter2');
});

test.each(['"extra":"a","extra":"b"', '"extra":"x\\ud800"', '"extra":["x\\ud800"],"extra":1'])(
  'a member that stands twice or holds half a character is no value: %s',
  async (member) => {
    const body = `{"access_token":"a","token_type":"x",${member}}`;
    const { fetch } = await rehearse({ faults: [`exchange:200;body=${body}`] });
    await expect(fetch(refs('extra'))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  },
);

test.each<[string, string, boolean]>([
  ['jwt', 'urn:ietf:params:oauth:token-type:jwt', false],
  ['jwt', 'urn:ietf:params:oauth:token-type:refresh_token', true],
])('asked for %s and given %s: told where they differ', async (wanted, issued, isTold) => {
  const body = JSON.stringify({ access_token: 'an-access-token', token_type: 'N_A', issued_token_type: issued });
  const setup = { values: { 'requested-token-type': wanted }, faults: [`exchange:200;body=${body}`] };
  const backend = await rehearse(setup);
  expect(await told(backend, 'access_token')).toEqual(['an-access-token']);
  expect(backend.lines.some((line) => line.includes(`one of "${issued}" was issued`))).toBe(isTold);
});
