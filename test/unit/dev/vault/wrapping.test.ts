import { afterEach, describe, expect, test } from 'vitest';
import type { Rehearsal } from '../../../../src/dev/index.ts';
import { call, type CallAnswer } from '../../../support/call.ts';
import { accessToken, ask, HEADERS, openVault } from './open-vault.ts';

let rehearsal: Rehearsal;

afterEach(() => rehearsal.close());

const KEY = '/v1/secret/data/app/key';
const NOT_VALID = /wrapping token is not valid or does not exist/;

function send(path: string, headers: Readonly<Record<string, string>>, body = ''): Promise<CallAnswer> {
  return call(rehearsal, body === '' && path === KEY ? 'GET' : 'POST', path, {
    headers: { ...HEADERS, ...headers },
    ...(body !== '' && { body }),
  });
}

describe('wrapping', () => {
  const unwrap = '/v1/sys/wrapping/unwrap';
  const wrap = async (token: string, time = '60'): Promise<CallAnswer> =>
    send(KEY, { 'x-vault-token': token, 'x-vault-wrap-ttl': time });
  const tokenIn = ({ text }: CallAnswer): string =>
    (JSON.parse(text) as { wrap_info: { token: string } }).wrap_info.token;

  test('everything but wrap_info is empty, and the path is in it', async () => {
    rehearsal = await openVault();
    const answer = JSON.parse((await wrap(await accessToken(rehearsal), '5m')).text) as object;
    expect(answer).toMatchObject({
      data: null,
      auth: null,
      wrap_info: { ttl: 300, creation_path: 'secret/data/app/key' },
    });
  });

  test('either form opens it, once; a look leaves it as it is', async () => {
    rehearsal = await openVault();
    const token = await accessToken(rehearsal);
    const [first, second] = [tokenIn(await wrap(token)), tokenIn(await wrap(token))];
    const looked = await send('/v1/sys/wrapping/lookup', {}, JSON.stringify({ token: first }));
    expect(JSON.parse(looked.text)).toMatchObject({ data: { creation_path: 'secret/data/app/key', creation_ttl: 60 } });
    expect((await send(unwrap, { 'x-vault-token': first })).text).toContain('"second"');
    expect((await send(unwrap, { 'x-vault-token': token }, JSON.stringify({ token: second }))).text).toContain(
      '"second"',
    );
    for (const used of [first, second]) {
      expect(await send(unwrap, { 'x-vault-token': used })).toMatchObject({
        status: 400,
        text: expect.stringMatching(NOT_VALID) as string,
      });
    }
    expect((await send('/v1/sys/wrapping/lookup', {}, JSON.stringify({ token: first }))).status).toBe(400);
  });

  test('both forms at once, no update, a time that is none', async () => {
    rehearsal = await openVault();
    const token = await accessToken(rehearsal);
    const wrapped = tokenIn(await wrap(token));
    expect((await send(unwrap, { 'x-vault-token': wrapped }, JSON.stringify({ token: wrapped }))).status).toBe(403);
    expect((await ask(rehearsal, wrapped, unwrap)).status).toBe(405);
    expect((await wrap(token, 'soon')).status).toBe(400);
  });

  test('a wrapping token is no access token, and what failed is not wrapped', async () => {
    rehearsal = await openVault();
    const token = await accessToken(rehearsal);
    expect((await ask(rehearsal, tokenIn(await wrap(token)), KEY)).status).toBe(403);
    const missing = await call(rehearsal, 'GET', '/v1/secret/data/gone', {
      headers: { ...HEADERS, 'x-vault-token': token, 'x-vault-wrap-ttl': '60' },
    });
    expect(missing.status).toBe(404);
  });
});

describe('inline authentication', () => {
  const parameter = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const inline = async (more: Readonly<Record<string, string>> = {}): Promise<CallAnswer> =>
    send(KEY, {
      'x-vault-inline-auth-path': 'auth/jwt/login',
      'x-vault-inline-auth-parameter-jwt': parameter({ key: 'jwt', value: await rehearsal.token() }),
      ...more,
    });

  test('a good one reads; the names of its parameters are inside', async () => {
    rehearsal = await openVault({ role: 'ci' });
    const role = { 'x-vault-inline-auth-parameter-whatever': parameter({ key: 'role', value: 'ci' }) };
    expect(await inline(role)).toMatchObject({ status: 200 });
    expect((await inline()).status).toBe(400);
  });

  test.each<[string, Record<string, string>]>([
    ['padding', { 'x-vault-inline-auth-parameter-jwt': Buffer.from('{"key":"jwt","value":"xx"}').toString('base64') }],
    ['no base64', { 'x-vault-inline-auth-parameter-jwt': '{"key":"jwt"}' }],
    ['a third member', { 'x-vault-inline-auth-parameter-jwt': parameter({ key: 'jwt', value: 'x', more: 1 }) }],
    ['no value', { 'x-vault-inline-auth-parameter-jwt': parameter({ key: 'jwt' }) }],
    ['the same key twice', { 'x-vault-inline-auth-parameter-again': parameter({ key: 'jwt', value: 'x' }) }],
    ['another method', { 'x-vault-inline-auth-path': 'auth/approle/login' }],
    ['another operation', { 'x-vault-inline-auth-operation': 'delete' }],
    ['a bad token', { 'x-vault-inline-auth-parameter-jwt': parameter({ key: 'jwt', value: 'a.b.c' }) }],
  ])('%s fails as a login', async (_what, headers) => {
    rehearsal = await openVault();
    const answer = await inline(headers);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers['x-vault-inline-auth-failed']).toBe('true');
  });

  test('what is forbidden, or comes with an access token, does not fail as a login', async () => {
    rehearsal = await openVault();
    const answer = await inline({ 'x-vault-token': await accessToken(rehearsal) });
    expect(answer.status).toBe(400);
    expect(answer.headers['x-vault-inline-auth-failed']).toBeUndefined();
  });

  test('Vault knows nothing of it', async () => {
    rehearsal = await openVault({ 'inline-auth': 'off' });
    expect(await inline()).toMatchObject({ status: 403 });
  });
});
