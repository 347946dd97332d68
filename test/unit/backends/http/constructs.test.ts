import { expect, test } from 'vitest';
import { isRefreshing } from '../../../../src/backends/types.ts';
import { answering, fetchWith, logIn, openRecipe, told } from '../../../support/recipe-backend.ts';
import { refs } from '../../../support/rehearsed-backend.ts';

const LOGIN = { request: { path: '/login', json: { user: 'x' } }, outputs: { token: 'token' } };
const BEARER = { headers: { Authorization: 'Bearer {token}' } };
const ONE = { request: { path: '/secrets/{path|segments}' }, value: 'value' };

test('a recipe whose login takes no ID token logs in by its parameters', async () => {
  const login = {
    request: { path: '/login', form: { user: '{parameters.user}' } },
    outputs: { token: { header: 'X-Token' } },
  };
  const recipe = { parameters: { user: {} }, login, authorization: BEARER, fetch: { one: ONE } };
  const answers = {
    'POST /login': { headers: { 'x-token': 'from-a-header' }, body: {} },
    'GET /secrets/a/b': { body: { value: 'v' } },
  };
  const opened = await openRecipe(recipe, answering(answers), 'user=a&b=c d');
  expect(await fetchWith(opened, 'a/b')).toEqual(['v']);
  expect(opened.heard.map(({ body }) => body)).toEqual(['user=a%26b%3Dc+d', '']);
  expect(opened.heard[1]?.headers['authorization']).toBe('Bearer from-a-header');
});

test.each([['a/../../admin'], ['..'], ['a/./b'], ['/a'], ['a//b']])(
  'a reference cannot leave its place in a path: %s',
  async (path) => {
    const opened = await openRecipe({ login: LOGIN, fetch: { one: ONE } }, answering({}));
    await expect(fetchWith(opened, path)).rejects.toMatchObject({ reason: 'REFERENCE_INVALID' });
    expect(opened.heard.map(({ target }) => target)).toEqual(['/login']);
  },
);

test('a reference is text wherever it stands: path, query, header, JSON, form', async () => {
  const request = {
    method: 'POST',
    path: '/s/{ref.name}',
    query: { q: '{ref.name}' },
    json: { name: 'x {ref.name}', list: ['{ref.name}', 1, true, null], absent: '{parameters.absent}' },
  };
  const recipe = {
    parameters: { absent: { optional: true } },
    reference: { path: '{folder}/{name}' },
    login: LOGIN,
    fetch: { one: { request, value: 'value' } },
  };
  const opened = await openRecipe(recipe, ({ target }) => ({
    body: target === '/login' ? { token: 't' } : { value: 'v' },
  }));
  expect(await fetchWith(opened, 'f/a?b&c"}{é%2f')).toEqual(['v']);
  const [, asked] = opened.heard;
  expect(asked?.target).toBe('/s/a%3Fb%26c%22%7D%7B%C3%A9%252f?q=a%3Fb%26c%22%7D%7B%C3%A9%252f');
  expect(JSON.parse(asked?.body ?? '')).toEqual({ name: 'x a?b&c"}{é%2f', list: ['a?b&c"}{é%2f', 1, true, null] });
});

test('a value with a line break never becomes a header', async () => {
  const request = { path: '/x', headers: { 'X-Name': '{path}' } };
  const opened = await openRecipe({ login: LOGIN, fetch: { one: { request, value: 'value' } } }, answering({}));
  await expect(fetchWith(opened, 'a\r\nX-Other: 1')).rejects.toMatchObject({ name: 'SecretctlError' });
  expect(opened.heard).toHaveLength(1);
});

test.each<[string, string]>([
  ['another origin', 'https://elsewhere.example.com/token'],
  ['another port', 'http://127.0.0.1:1/token'],
  ['credentials', 'http://user:secret@127.0.0.1/token'],
  ['no URL', 'http://'],
  ['a script', 'javascript:alert(1)'],
])('a link of an answer to %s is not followed', async (_, link) => {
  const steps = [
    { request: { path: '/start' }, outputs: { next: { json: 'next', public: true } } },
    { request: { link: '{login.next}', json: { secret: 'x' } }, outputs: { token: 'token' } },
  ];
  const opened = await openRecipe(
    { login: steps, fetch: { one: ONE } },
    answering({ 'GET /start': { body: { next: link } } }),
  );
  await expect(logIn(opened.backend)).rejects.toMatchObject({ name: 'SecretctlError' });
  expect(opened.heard.map(({ target }) => target)).toEqual(['/start']);
});

test('refresh: the token and what else the recipe keeps are new, and what the answer leaves out stays', async () => {
  const login = {
    request: { path: '/login', form: { a: '1' } },
    outputs: { token: 'token', refresh: 'again', realm: { json: 'realm', public: true } },
  };
  const recipe = {
    login,
    expires: { in: 'life' },
    authorization: BEARER,
    refresh: {
      request: { path: '/refresh', json: { token: '{login.refresh}' }, anonymous: true },
      outputs: { token: 'token', refresh: 'again' },
    },
    fetch: { one: { request: { path: '/{login.realm}/s' }, value: 'value' } },
  };
  const answers = {
    'POST /login': { body: { token: 'one', again: 'r1', realm: 'here', life: '60' } },
    'POST /refresh': { body: { token: 'two', again: 'r2', life: 120 } },
    'GET /here/s': { body: { value: 'v' } },
  };
  const opened = await openRecipe(recipe, answering(answers));
  const first = await logIn(opened.backend);
  if (!isRefreshing(opened.backend)) throw new Error('it does not refresh');
  const second = await opened.backend.refresh(first);
  expect([first.lifetimeSeconds, second.lifetimeSeconds]).toEqual([60, 120]);
  expect(told(await opened.backend.fetchSecrets(second, refs('x')))).toEqual(['v']);
  expect(opened.heard[1]).toMatchObject({ body: '{"token":"r1"}' });
  expect(opened.heard[1]?.headers['authorization']).toBeUndefined();
  expect(opened.heard[2]?.headers['authorization']).toBe('Bearer two');
});

test('a login output with a line break, an empty one and an error in a 200 are none', async () => {
  for (const body of [
    { token: 'a\nb' },
    { token: '' },
    { token: null },
    { token: ['x'] },
    { token: 'x', error: 'denied' },
  ]) {
    const opened = await openRecipe({ login: LOGIN, fetch: { one: ONE } }, () => ({ body }));
    await expect(logIn(opened.backend)).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  }
});

test('a value is decoded strictly, and a map is no value unless the recipe says so', async () => {
  const answers = {
    'GET /secrets/good': { body: { value: 'AAEC' } },
    'GET /secrets/bad': { body: { value: 'not base64!' } },
    'GET /secrets/map': { body: { value: { a: 1 } } },
  };
  const decoding = { login: LOGIN, fetch: { one: { ...ONE, value: { json: 'value', decode: 'base64' } } } };
  const opened = await openRecipe(decoding, answering(answers));
  expect(await fetchWith(opened, 'good')).toEqual(['\0\u0001\u0002']);
  await expect(fetchWith(opened, 'bad')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  const plain = await openRecipe({ login: LOGIN, fetch: { one: ONE } }, answering(answers));
  await expect(fetchWith(plain, 'map')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  const structured = { login: LOGIN, fetch: { one: { ...ONE, value: { json: 'value', structured: true } } } };
  expect(await fetchWith(await openRecipe(structured, answering(answers)), 'map')).toEqual(['{"a":1}']);
});

test('neither the access token nor a value is in an error, whatever the server says', async () => {
  const canary = 'canary-0123456789-abcdefgh';
  const recipe = { login: LOGIN, authorization: BEARER, fetch: { one: { ...ONE, present: 'data' } } };
  const opened = await openRecipe(recipe, ({ target }) => {
    return { body: target === '/login' ? { token: canary } : { data: { odd: canary }, value: [canary] } };
  });
  const error: unknown = await fetchWith(opened, 'x').catch((error_: unknown) => error_);
  expect(error).toMatchObject({ name: 'SecretctlError' });
  expect(JSON.stringify([error, String(error), opened.invocation.lines])).not.toContain(canary);
});

test('a refusal that quotes what was sent is not quoted', async () => {
  const canary = 'canary-0123456789-abcdefgh';
  const steps = [
    { request: { path: '/login' }, outputs: { first: 'token' } },
    { request: { path: '/second', form: { first: '{login.first}' } }, outputs: { token: 'token' } },
  ];
  const opened = await openRecipe({ login: steps, fetch: { one: ONE } }, ({ target }) =>
    target === '/login'
      ? { body: { token: canary } }
      : { status: 401, body: { error: `${canary} is unknown`, message: 'no' } },
  );
  const refusal: unknown = await logIn(opened.backend).catch((error: unknown) => error);
  expect(String(refusal)).toContain('401 "no"');
  expect(String(refusal)).not.toContain(canary);
});

test('a cookie holds what cookies cannot, encoded', async () => {
  const authorization = { cookies: { session: '{token}', name: '{parameters.name}' } };
  const recipe = { parameters: { name: {} }, login: LOGIN, authorization, fetch: { one: ONE } };
  const opened = await openRecipe(recipe, answering({ 'GET /secrets/a': { body: { value: 'v' } } }), 'name=ü; x=😀');
  expect(await fetchWith(opened, 'a')).toEqual(['v']);
  expect(opened.heard[1]?.headers['cookie']).toBe('session=access-token; name=%C3%BC%3B%20x=%F0%9F%98%80');
});

test('a look-up takes the only entry that is as it says, and none where nothing is said', async () => {
  const lookUp = (where: object): object => ({
    parameters: { kind: { optional: true } },
    login: LOGIN,
    'look-up': { request: { path: '/list' }, list: 'rows', where, outputs: { id: 'id' } },
    fetch: { one: { request: { path: '/s/{found.id}' }, value: 'value' } },
  });
  const rows = [
    { id: 1, name: 'a', kind: [] },
    { id: 2, name: 'b' },
    { id: 3, name: 'twice' },
    { id: 4, name: 'twice' },
  ];
  const answers = { 'GET /list': { body: { rows } }, 'GET /s/2': { body: { value: 'two' } } };
  const opened = await openRecipe(lookUp({ name: '{path}' }), answering(answers));
  expect(await fetchWith(opened, 'b', 'twice', 'none')).toEqual(['two', 'missing', 'missing']);
  const unsaid = await openRecipe(lookUp({ kind: '{parameters.kind}' }), answering(answers));
  expect(await fetchWith(unsaid, 'b')).toEqual(['missing']);
});
