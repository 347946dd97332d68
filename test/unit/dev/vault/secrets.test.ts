import { afterEach, expect, test } from 'vitest';
import type { Rehearsal } from '../../../../src/dev/index.ts';
import { accessToken, ask, openVault } from './open-vault.ts';

let rehearsal: Rehearsal;

afterEach(() => rehearsal.close());

test.each<[string, Record<string, string>, string, number, object]>([
  [
    'the newest version',
    {},
    '/v1/secret/data/app/key',
    200,
    { data: { data: { value: 'second' }, metadata: { version: 2 } } },
  ],
  ['an older one', {}, '/v1/secret/data/app/key?version=1', 200, { data: { data: { value: 'first' } } }],
  ['version 0', {}, '/v1/secret/data/app/key?version=0', 200, { data: { data: { value: 'second' } } }],
  ['a version that never was', {}, '/v1/secret/data/app/key?version=3', 404, { errors: [] }],
  ['a version in words', {}, '/v1/secret/data/app/key?version=new', 400, { errors: [expect.any(String)] }],
  ['nothing', {}, '/v1/secret/data/nothing', 404, { errors: [] }],
  ['what is forbidden', {}, '/v1/secret/data/private', 403, { errors: [expect.stringContaining('permission denied')] }],
  ['another mount', {}, '/v1/other/data/app', 403, { errors: [expect.any(String)] }],
  ['a path of version 1', {}, '/v1/secret/app/key', 404, { warnings: [expect.stringContaining('versioned K/V')] }],
  [
    'version 1',
    { engine: 'kv-v1' },
    '/v1/secret/app/key',
    200,
    { data: { value: 'second' }, lease_duration: 2_764_800 },
  ],
  ['a path of version 2 on version 1', { engine: 'kv-v1' }, '/v1/secret/data/app/key', 404, { errors: [] }],
  [
    'a deleted version',
    { deleted: 'old' },
    '/v1/secret/data/old',
    404,
    { data: { data: null, metadata: { destroyed: false } } },
  ],
  [
    'a destroyed one',
    { destroyed: 'old' },
    '/v1/secret/data/old',
    404,
    { data: { data: null, metadata: { destroyed: true } } },
  ],
  [
    'the one before it',
    { destroyed: 'old' },
    '/v1/secret/data/old?version=1',
    200,
    { data: { data: { value: 'kept' } } },
  ],
  [
    'a mount',
    {},
    '/v1/sys/internal/ui/mounts/secret/any/path',
    200,
    { data: { type: 'kv', path: 'secret/', options: { version: '2' } } },
  ],
  [
    'a mount of version 1',
    { engine: 'kv-v1' },
    '/v1/sys/internal/ui/mounts/secret',
    200,
    { data: { options: { version: '1' } } },
  ],
  [
    'a mount without options',
    { mounts: 'no-options' },
    '/v1/sys/internal/ui/mounts/secret',
    200,
    { data: { options: null } },
  ],
  [
    'an unknown mount',
    {},
    '/v1/sys/internal/ui/mounts/other',
    403,
    { errors: [expect.stringContaining('preflight capability check')] },
  ],
  ['a path that ends in a period', {}, '/v1/secret/data/app/key.', 403, { errors: [expect.any(String)] }],
])('%s', async (...[, options, target, status, body]) => {
  rehearsal = await openVault(options);
  const answer = await ask(rehearsal, await accessToken(rehearsal), target);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toMatchObject(body);
});

test('numbers keep their digits', async () => {
  rehearsal = await openVault();
  const { text } = await ask(rehearsal, await accessToken(rehearsal), '/v1/secret/data/app/db');
  expect(text).toContain('"data":{"user":"shop","big":12345678901234567890}');
});

test('each read of credentials makes new ones, with a lease', async () => {
  rehearsal = await openVault();
  const token = await accessToken(rehearsal);
  const first = JSON.parse((await ask(rehearsal, token, '/v1/database/creds/app')).text) as { lease_id: string };
  const second = JSON.parse((await ask(rehearsal, token, '/v1/database/creds/app')).text) as { lease_id: string };
  expect(first).toMatchObject({
    lease_duration: 900,
    renewable: true,
    data: { username: expect.stringMatching(/^v-/) },
  });
  expect(first.lease_id).toMatch(/^database\/creds\/app\/./);
  expect(second.lease_id).not.toBe(first.lease_id);
});

test('credentials that take the last use are withheld', async () => {
  rehearsal = await openVault({ 'num-uses': '1' });
  const { status, text } = await ask(rehearsal, await accessToken(rehearsal), '/v1/database/creds/app');
  expect([status, text]).toEqual([400, expect.stringContaining('one use left')]);
});

test.each<[string, Record<string, string>, number, number]>([
  ['a service token', {}, 204, 403],
  ['a batch token', { 'token-type': 'batch' }, 400, 200],
])('%s that revokes itself', async (_, options, status, later) => {
  rehearsal = await openVault(options);
  const token = await accessToken(rehearsal);
  expect((await ask(rehearsal, token, '/v1/auth/token/revoke-self', 'POST')).status).toBe(status);
  expect((await ask(rehearsal, token, '/v1/secret/data/app/key')).status).toBe(later);
});

test.each([
  ['named', 'invalid token'],
  ['unnamed', 'permission denied'],
])('a stale token: %s', async (stale, words) => {
  rehearsal = await openVault({ stale });
  const token = await accessToken(rehearsal);
  rehearsal.disturb('revoke-tokens');
  const answer = await ask(rehearsal, token, '/v1/secret/data/app/key');
  expect([answer.status, answer.text]).toEqual([403, expect.stringContaining(words)]);
  expect(() => rehearsal.disturb('seal')).toThrow('cannot "seal"');
});

test('another method reads nothing', async () => {
  rehearsal = await openVault();
  const token = await accessToken(rehearsal);
  expect((await ask(rehearsal, token, '/v1/secret/data/app/key', 'POST')).status).toBe(405);
  expect((await ask(rehearsal, token, '/v1/auth/token/revoke-self')).status).toBe(405);
});

test('a node that has not caught up says so to whoever does not name the state', async () => {
  rehearsal = await openVault({ consistency: 'eventual' });
  const token = await accessToken(rehearsal);
  expect((await ask(rehearsal, token, '/v1/secret/data/app/key')).status).toBe(412);
});
