import { afterEach, expect, test } from 'vitest';
import { type Rehearsal, startRehearsal } from '../../../../src/dev/index.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { call } from '../../../support/call.ts';
import { issuerKey } from '../../../support/issuer-key.ts';
import { JSON_BODY, login, openFortipam } from './open-fortipam.ts';

let rehearsal: Rehearsal;

afterEach(() => rehearsal.close());

async function bearer(): Promise<Record<string, string>> {
  const { access_token: token } = JSON.parse((await login(rehearsal)).text);
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

test.each<[string, Record<string, string>]>([
  ['without a token', {}],
  ['with a token nobody gave out', { authorization: 'Bearer fpam-invented' }],
  ['with the token in another scheme', { authorization: 'Token x' }],
])('the API %s gives the login page', async (_, headers) => {
  rehearsal = await openFortipam();
  const answer = await call(rehearsal, 'GET', '/api/v2/cmdb/secret/database/100', { headers });
  expect([answer.status, answer.type]).toEqual([200, 'text/html; charset=utf-8']);
});

test.each([
  ['401', 401, 'application/json'],
  ['page', 200, 'text/html; charset=utf-8'],
])('with stale=%s a revoked token gets %i', async (stale, status, type) => {
  rehearsal = await openFortipam({ stale });
  const headers = await bearer();
  rehearsal.disturb('revoke-tokens');
  expect(await call(rehearsal, 'GET', '/api/v2/cmdb/secret/database/100', { headers })).toMatchObject({ status, type });
});

test('what cannot be disturbed is a wrong use, as with every server', async () => {
  rehearsal = await openFortipam();
  expect(() => rehearsal?.disturb('explode')).toThrow(expect.objectContaining({ reason: 'USAGE' }));
});

test('an address that is not trusted gets 401', async () => {
  rehearsal = await openFortipam({ 'trusted-hosts': '192.0.2.1 192.0.2.2' });
  expect((await login(rehearsal)).status).toBe(401);
});

test('an id is found by path, and by exact name through the filter', async () => {
  rehearsal = await openFortipam();
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
  rehearsal = await openFortipam();
  expect(await get(target)).toMatchObject({ status, body: { http_status: status } });
});

test('the two layers of permission: a forbidden secret is found and listed, and refused in detail', async () => {
  rehearsal = await openFortipam();
  const { body } = await get('/api/v2/utility/id/prod/secret?type=secret');
  expect(await get(`/api/v2/cmdb/secret/database/${body.results.id}`)).toMatchObject({
    status: 403,
    body: { cli_error: 'Insufficient permissions to get secret' },
  });
});

test('shape=named: fieldname narrows the record, in any letter case; without it come all fields', async () => {
  rehearsal = await openFortipam();
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
  rehearsal = await openFortipam({ shape: 'field-list' });
  const { body } = await get('/api/v2/cmdb/secret/database/101?fieldname=User');
  expect(body.results[0]?.field).toHaveLength(3);
});

test('fieldname=exact: letter case counts', async () => {
  rehearsal = await openFortipam({ fieldname: 'exact' });
  expect((await get('/api/v2/cmdb/secret/database/100?fieldname=password')).body.results).toEqual([{}]);
});

test('secret_encoding=base64 carries any bytes, plain only text', async () => {
  rehearsal = await openFortipam({}, { secrets: new Map([['a/b', [Buffer.from([0, 255, 254])]]]) });
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
  rehearsal = await openFortipam({ checkout: 'required' });
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
  rehearsal = await openFortipam({ checkout: 'held' });
  expect(await check('checkout', '{"secret-id": 100}')).toBe(403);
  await rehearsal.close();
  rehearsal = await openFortipam();
  expect(await check('checkout', '{"secret-id": 100}')).toBe(424);
});

test.each<[string, Record<string, string>]>([
  ['an unknown option', { shpae: 'named' }],
  ['an unknown choice', { shape: 'round' }],
  ['no number', { lockout: '0' }],
])('%s is a fault of usage', async (_, options) => {
  rehearsal = await openFortipam();
  const starting = startRehearsal(
    { backend: 'fortipam', issuerKey, options: new Map(Object.entries(options)) },
    systemRuntime(),
  );
  await expect(starting).rejects.toMatchObject({ reason: 'USAGE' });
});

test('a value longer than FortiPAM holds is a fault of usage', async () => {
  rehearsal = await openFortipam({}, { secrets: new Map([['a/b', [Buffer.alloc(8191, 'x')]]]) });
  const secrets = new Map([['a/b', [Buffer.alloc(8192, 'x')]]]);
  await expect(startRehearsal({ backend: 'fortipam', issuerKey, secrets }, systemRuntime())).rejects.toMatchObject({
    reason: 'USAGE',
  });
});
