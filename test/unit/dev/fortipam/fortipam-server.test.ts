import { afterEach, expect, test } from 'vitest';
import { type Rehearsal, type RehearsalOptions, startRehearsal } from '../../../../src/dev/index.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { call, type CallAnswer } from '../../../support/call.ts';

const JSON_BODY = { 'content-type': 'application/json' };
const SECRETS = new Map([
  ['prod/db/password', [Buffer.from('first'), Buffer.from('pass "word"\nline')]],
  ['prod/db/record', [Buffer.from('{"user":"shop","port":5432}')]],
  ['prod/other/password', [Buffer.from('elsewhere')]],
]);

let rehearsal: Rehearsal;

afterEach(() => rehearsal.close());

async function start(
  options: Readonly<Record<string, string>> = {},
  more: Partial<RehearsalOptions> = {},
): Promise<void> {
  rehearsal = await startRehearsal(
    {
      backend: 'fortipam',
      secrets: SECRETS,
      forbidden: new Set(['prod/secret']),
      options: new Map(Object.entries(options)),
      ...more,
    },
    systemRuntime(),
  );
}

async function login(jwt?: string): Promise<CallAnswer> {
  const body = JSON.stringify({ jwt: jwt ?? (await rehearsal.token()) });
  return call(rehearsal, 'POST', '/auth/jwt/login', { headers: JSON_BODY, body });
}

async function bearer(): Promise<Record<string, string>> {
  const { access_token: token } = JSON.parse((await login()).text);
  return { authorization: `Bearer ${token}` };
}

interface Answer {
  readonly status: number;
  readonly body: {
    readonly results: readonly {
      readonly id: number;
      readonly field: unknown[];
      readonly permissions: { checkout_status: string };
    }[] & {
      readonly id: number;
    };
  };
}

async function get(target: string): Promise<Answer> {
  const { status, text } = await call(rehearsal, 'GET', target, { headers: await bearer() });
  return { status, body: JSON.parse(text) };
}

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['another audience', {}, { audience: 'somebody-else' }],
  ['no audience', { aud: null }, {}],
  ['another issuer', { iss: 'https://gitlab.example.com' }, {}],
  ['a bound claim with another value', { project_path: 'acme/other' }, {}],
  ['a bound claim left out', { project_path: null }, {}],
  ['a bound claim as a number', { project_id: 20 }, {}],
  ['the end of its life', {}, { lifetimeSeconds: -1 }],
  ['no end of its life', { exp: null }, {}],
  ['a beginning in the future', { nbf: Math.floor(Date.now() / 1000) + 600 }, {}],
  ['no signature', {}, { algorithm: 'none' }],
  ['an HMAC', {}, { algorithm: 'HS256' }],
])('a token with %s gets 401', async (_, claims, options) => {
  await start();
  const answer = await login(await rehearsal.token(claims, options));
  expect(answer.status).toBe(401);
  expect(JSON.parse(answer.text)).toMatchObject({ http_status: 401, status: 'Unauthorized', error: 2 });
});

test.each([['RS256'], ['ES256'], ['PS384']])('a good token signed with %s gets an access token', async (algorithm) => {
  await start();
  const answer = await login(await rehearsal.token({}, { algorithm }));
  expect([answer.status, answer.type]).toEqual([200, 'application/json']);
  expect(JSON.parse(answer.text).access_token).toMatch(/^fpam-[\w-]{43}$/);
});

test('a token whose signature was changed gets 401', async () => {
  await start();
  const jwt = await rehearsal.token();
  const [head, body, signature = ''] = jwt.split('.');
  const other = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
  expect((await login(`${head}.${body}.${other}`)).status).toBe(401);
});

test.each<[string, number, [string, Record<string, string>, string]]>([
  ['another method', 405, ['PUT', JSON_BODY, '{"jwt":"x"}']],
  ['another field', 424, ['POST', JSON_BODY, '{"token":"x"}']],
  ['a field too many', 424, ['POST', JSON_BODY, '{"jwt":"x","role":"y"}']],
  ['a form', 400, ['POST', { 'content-type': 'application/x-www-form-urlencoded' }, 'jwt=x']],
  ['broken JSON', 400, ['POST', JSON_BODY, '{"jwt":']],
  ['a repeated field', 400, ['POST', JSON_BODY, '{"jwt":"x","jwt":"y"}']],
])('a login with %s gets %i', async (_, status, [method, headers, body]) => {
  await start();
  expect((await call(rehearsal, method, '/auth/jwt/login', { headers, body })).status).toBe(status);
});

test('too many failed logins from one address lock it out, even for a good token', async () => {
  await start({ lockout: '2' });
  const bad = await rehearsal.token({ project_path: 'acme/other' });
  const statuses = [await login(bad), await login(bad), await login(bad), await login()].map(({ status }) => status);
  expect(statuses).toEqual([401, 401, 429, 429]);
});

test('a login that succeeds forgets the failed ones before it', async () => {
  await start({ lockout: '2' });
  const bad = await rehearsal.token({ project_path: 'acme/other' });
  const statuses = [await login(bad), await login(), await login(bad), await login()].map(({ status }) => status);
  expect(statuses).toEqual([401, 200, 401, 200]);
});

test.each<[string, Record<string, string>]>([
  ['without a token', {}],
  ['with a token nobody gave out', { authorization: 'Bearer fpam-invented' }],
  ['with the token in another scheme', { authorization: 'Token x' }],
])('the API %s gives the login page', async (_, headers) => {
  await start();
  const answer = await call(rehearsal, 'GET', '/api/v2/cmdb/secret/database/100', { headers });
  expect([answer.status, answer.type]).toEqual([200, 'text/html; charset=utf-8']);
});

test.each([
  ['401', 401, 'application/json'],
  ['page', 200, 'text/html; charset=utf-8'],
])('with stale=%s a revoked token gets %i', async (stale, status, type) => {
  await start({ stale });
  const headers = await bearer();
  rehearsal.disturb('revoke-tokens');
  expect(await call(rehearsal, 'GET', '/api/v2/cmdb/secret/database/100', { headers })).toMatchObject({ status, type });
});

test('an address that is not trusted gets 401', async () => {
  await start({ 'trusted-hosts': '192.0.2.1 192.0.2.2' });
  expect((await login()).status).toBe(401);
});

test('an id is found by path, and by exact name through the filter', async () => {
  await start();
  expect(await get('/api/v2/utility/id/prod/db/password?type=secret')).toMatchObject({
    status: 200,
    body: { results: { id: 100 } },
  });
  const listed = await get('/api/v2/cmdb/secret/database?filter=name==password');
  expect(listed.body).toMatchObject({ matched_count: 2, results: [{ id: 100 }, { id: 102 }] });
  expect(JSON.stringify(listed.body)).not.toContain('pass \\"word');
  expect((await get('/api/v2/cmdb/secret/database?filter=name==pass')).body).toMatchObject({
    matched_count: 0,
    results: [],
  });
});

test.each([
  ['/api/v2/utility/id/prod/db/nothing?type=secret', 404],
  ['/api/v2/utility/id/prod//db/password?type=secret', 404],
  ['/api/v2/utility/id/prod/db/password', 424],
  ['/api/v2/utility/id/%zz?type=secret', 400],
  ['/api/v2/cmdb/secret/database/999', 404],
  ['/api/v2/cmdb/secret/database/100?vdom=other', 403],
  ['/api/v2/cmdb/secret/database/100?secret_encoding=hex', 424],
  ['/api/v2/cmdb/secret/database?filter=name', 400],
  ['/api/v2/cmdb/secret/nothing', 404],
])('%s gets %i', async (target, status) => {
  await start();
  expect(await get(target)).toMatchObject({ status, body: { http_status: status } });
});

test('the two layers of permission: a forbidden secret is found and listed, and refused in detail', async () => {
  await start();
  const { body } = await get('/api/v2/utility/id/prod/secret?type=secret');
  expect(await get(`/api/v2/cmdb/secret/database/${body.results.id}`)).toMatchObject({
    status: 403,
    body: { cli_error: 'Insufficient permissions to get secret' },
  });
});

test('shape=named: fieldname narrows the record, in any letter case; without it come all fields', async () => {
  await start();
  const narrow = await get('/api/v2/cmdb/secret/database/100?fieldname=password');
  expect(narrow.body.results).toEqual([{ Password: 'pass "word"\nline' }]);
  const whole = await get('/api/v2/cmdb/secret/database/101');
  expect(whole.body.results[0]?.field).toEqual([
    { id: 1, name: 'User', type: 'text', value: 'shop' },
    { id: 2, name: 'Port', type: 'text', value: '5432' },
    { id: 3, name: 'Password', type: 'password', value: '{"user":"shop","port":5432}' },
  ]);
});

test('shape=field-list: fieldname is overlooked', async () => {
  await start({ shape: 'field-list' });
  const { body } = await get('/api/v2/cmdb/secret/database/101?fieldname=User');
  expect(body.results[0]?.field).toHaveLength(3);
});

test('fieldname=exact: letter case counts', async () => {
  await start({ fieldname: 'exact' });
  expect((await get('/api/v2/cmdb/secret/database/100?fieldname=password')).body.results).toEqual([{}]);
});

test('secret_encoding=base64 carries any bytes, plain only text', async () => {
  await start({}, { secrets: new Map([['a/b', [Buffer.from([0, 255, 254])]]]) });
  expect(
    (await get('/api/v2/cmdb/secret/database/100?fieldname=Password&secret_encoding=base64')).body.results,
  ).toEqual([{ Password: 'AP/+' }]);
  expect((await get('/api/v2/cmdb/secret/database/100')).status).toBe(424);
  expect(rehearsal.configuration()).toMatchObject({ type: 'fortipam', 'secret-encoding': 'base64' });
});

async function check(action: string, body: string): Promise<number> {
  const headers = { ...(await bearer()), ...JSON_BODY };
  return (await call(rehearsal, 'POST', `/api/v2/internal/secret-${action}`, { headers, body })).status;
}

const read = async (): Promise<number> => (await get('/api/v2/cmdb/secret/database/100')).status;

async function checkOutStatus(): Promise<string | undefined> {
  return (await get('/api/v2/cmdb/secret/database')).body.results[0]?.permissions.checkout_status;
}

test('checkout=required: no read without a check-out, one check-out at a time, and none left after the check-in', async () => {
  await start({ checkout: 'required' });
  const id = '{"secret-id": 100}';
  expect([await read(), await check('checkin', id), await check('checkout', id), await checkOutStatus()]).toEqual([
    403,
    403,
    200,
    'owned',
  ]);
  expect([await read(), await check('checkout', id), await check('checkin', id), await checkOutStatus()]).toEqual([
    200,
    403,
    200,
    'none',
  ]);
  expect([
    await read(),
    await check('checkout', '{"secret-id": "100"}'),
    await check('checkout', '{"secret-id": 9}'),
  ]).toEqual([403, 424, 404]);
});

test('checkout=held: somebody else has it; checkout=free: there is nothing to check out', async () => {
  await start({ checkout: 'held' });
  expect(await check('checkout', '{"secret-id": 100}')).toBe(403);
  await rehearsal.close();
  await start();
  expect(await check('checkout', '{"secret-id": 100}')).toBe(424);
});

test('the login is where and as the options say, and the configuration says so too', async () => {
  await start({
    'login-path': '/api/v2/auth/jwt/login',
    'login-format': 'form',
    'login-field': 'token',
    user: 'ci',
    'answer-field': 'results.access_token',
    expiry: 'seconds',
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = async (user: string): Promise<CallAnswer> => {
    const body = new URLSearchParams({ username: user, token: await rehearsal.token() }).toString();
    return call(rehearsal, 'POST', '/api/v2/auth/jwt/login', { headers, body });
  };
  expect((await post('nobody')).status).toBe(401);
  expect(JSON.parse((await post('ci')).text)).toEqual({
    results: { access_token: expect.any(String) },
    expires_in: 600,
  });
  expect(rehearsal.configuration()).toMatchObject({
    type: 'fortipam',
    url: rehearsal.url,
    'login-path': '/api/v2/auth/jwt/login',
    'login-token-field': 'token',
    'login-format': 'form',
    user: 'ci',
  });
});

test.each<[string, Record<string, string>]>([
  ['an unknown option', { shpae: 'named' }],
  ['an unknown choice', { shape: 'round' }],
  ['no number', { lockout: '0' }],
])('%s is a fault of usage', async (_, options) => {
  await start();
  const starting = startRehearsal({ backend: 'fortipam', options: new Map(Object.entries(options)) }, systemRuntime());
  await expect(starting).rejects.toMatchObject({ reason: 'USAGE' });
});

test('a value longer than FortiPAM holds is a fault of usage', async () => {
  await start({}, { secrets: new Map([['a/b', [Buffer.alloc(8191, 'x')]]]) });
  const secrets = new Map([['a/b', [Buffer.alloc(8192, 'x')]]]);
  await expect(startRehearsal({ backend: 'fortipam', secrets }, systemRuntime())).rejects.toMatchObject({
    reason: 'USAGE',
  });
});
