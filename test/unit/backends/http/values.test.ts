import { expect, test } from 'vitest';
import { answering, fetchWith, logIn, openRecipe } from '../../../support/recipe-backend.ts';
import { refs } from '../../../support/rehearsed-backend.ts';

// What is a value, and what only stands where one is looked for.

const LOGIN = { request: { path: '/login', json: { user: 'x' } }, outputs: { token: 'token' } };
const ONE = { request: { path: '/secrets/{path|segments}' }, value: 'value' };

test.each<[string, object, object]>([
  ['its mark', { at: { value: '***', hidden: true } }, { json: 'hidden', is: [true, 'yes'] }],
  ['null', { at: { value: null } }, { json: 'nothing', is: 'x' }],
])('a value that the server holds back is told from others by %s', async (_, entry, withheld) => {
  const body = { rows: { good: { value: 'v', hidden: false }, ...entry } };
  const entries = { map: 'rows', value: 'value', withheld };
  const all = { login: LOGIN, fetch: { all: { request: { path: '/all' }, entries } } };
  expect(await fetchWith(await openRecipe(all, answering({ 'GET /all': { body } })), 'good', 'at')).toEqual([
    'v',
    'forbidden',
  ]);
});

test('one: a value that the server holds back is forbidden, and not what stands in its place', async () => {
  const one = { ...ONE, withheld: { json: 'state', is: ['masked', 'gone'] } };
  const opened = await openRecipe(
    { login: LOGIN, fetch: { one } },
    answering({
      'GET /secrets/a': { body: { value: '********', state: 'masked' } },
      'GET /secrets/b': { body: { value: 'v', state: 'open' } },
    }),
  );
  expect(await fetchWith(opened, 'a', 'b')).toEqual(['forbidden', 'v']);
});

test('of a list, [] is its only item: of several none is taken for the one', async () => {
  const one = { request: { path: '/s/{path}' }, value: ['rows[].value', 'rows.value'] };
  const answers = {
    'GET /s/one': { body: { rows: [{ value: 'v' }] } },
    'GET /s/map': { body: { rows: { value: 'w' } } },
    'GET /s/two': { body: { rows: [{ value: 'v' }, { other: 1 }] } },
  };
  const opened = await openRecipe({ login: LOGIN, fetch: { one } }, answering(answers));
  expect(await fetchWith(opened, 'one', 'map')).toEqual(['v', 'w']);
  await expect(fetchWith(opened, 'two')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('an error in a 200 is no value where the answer is taken as it is, and what only looks like one is', async () => {
  const one = { request: { path: '/s/{path}', answer: 'text' }, value: { body: true } };
  const secret = '{"error":"is a word of this secret"}';
  const opened = await openRecipe(
    { login: LOGIN, fetch: { one } },
    answering({
      'GET /s/error': { body: { error: 'denied' } },
      'GET /s/plain': { headers: { 'content-type': 'text/plain' }, body: secret },
      'GET /s/json': { body: { user: 'x' } },
    }),
  );
  expect(await fetchWith(opened, 'plain', 'json')).toEqual([secret, '{"user":"x"}']);
  await expect(fetchWith(opened, 'error')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('an error that stands twice, once as none, is an error', async () => {
  const opened = await openRecipe({ login: LOGIN, fetch: { one: ONE } }, ({ target }) => ({
    body: target === '/login' ? { token: 't' } : '{"error":"denied","error":null,"value":"v"}',
  }));
  await expect(fetchWith(opened, 'x')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('a lock-out says how long it lasts, and is not tried again', async () => {
  const errors = { 'locked-out': { statuses: [423] } };
  const opened = await openRecipe({ login: LOGIN, fetch: { one: ONE }, errors }, () => ({
    status: 423,
    headers: { 'retry-after': '90' },
    body: {},
  }));
  await expect(logIn(opened.backend)).rejects.toMatchObject({ reason: 'LOCKED_OUT', facts: { retryAfterSeconds: 90 } });
  expect(opened.heard).toHaveLength(1);
});

test('a path that decides: where the list is there, nothing beside it is taken', async () => {
  const one = { request: { path: '/s/{path}' }, present: '.', value: ['list![key={field}].value', '{field}'] };
  const body = { list: [{ key: 'a', value: '1' }], b: 'not from the list' };
  const answers = { 'GET /s/x': { body }, 'GET /s/y': { body: { b: '2' } } };
  const opened = await openRecipe({ login: LOGIN, fetch: { one } }, answering(answers));
  expect(await fetchWith(opened, 'x#a', 'x#b', 'y#b')).toEqual(['1', 'missing', '2']);
});

test('a reference without the field that every place of the value is named after is told, with all others', async () => {
  const one = { request: { path: '/s/{path}' }, value: ['list[key={field}].value', '{field}'] };
  const { backend, heard } = await openRecipe({ login: LOGIN, fetch: { one } }, answering({}));
  expect(() => backend.plan(refs('x', 'y#a', 'z'))).toThrow(
    expect.objectContaining({
      reason: 'REFERENCE_INVALID',
      facts: { details: [expect.any(String), expect.any(String)] },
    }),
  );
  const standing = { reference: { field: 'a' }, login: LOGIN, fetch: { one } };
  const opened = await openRecipe(standing, answering({ 'GET /s/x': { body: { a: 'v' } } }));
  expect(await fetchWith(opened, 'x')).toEqual(['v']);
  expect(heard).toEqual([]);
});

test('null is no word that something is missing, and the next path is tried first', async () => {
  const one = { request: { path: '/s/{path}' }, present: '.', value: ['a', 'b'] };
  const answers = {
    'GET /s/x': { body: { a: null, b: 'v' } },
    'GET /s/y': { body: { a: null } },
    'GET /s/z': { body: {} },
  };
  const opened = await openRecipe({ login: LOGIN, fetch: { one } }, answering(answers));
  expect(await fetchWith(opened, 'x', 'z')).toEqual(['v', 'missing']);
  await expect(fetchWith(opened, 'y')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('of a cookie that is set twice the later one counts, and one that is taken away is none', async () => {
  const login = { ...LOGIN, outputs: { token: { cookie: 'session' } } };
  const recipe = { login, authorization: { cookies: { session: '{token}' } }, fetch: { one: ONE } };
  const given = (cookies: string) =>
    openRecipe(
      recipe,
      answering({
        'POST /login': { headers: { 'set-cookie': cookies }, body: {} },
        'GET /secrets/a': { body: { value: 'v' } },
      }),
    );
  const later = await given(
    'session=old; Max-Age=0; Path=/, xsession=other, session=new; Expires=Wed, 21 Oct 2099 07:28:00 GMT',
  );
  expect(await fetchWith(later, 'a')).toEqual(['v']);
  expect(later.heard[1]?.headers['cookie']).toBe('session=new');
  await expect(given('session=; Max-Age=0').then(({ backend }) => logIn(backend))).rejects.toMatchObject({
    reason: 'UNEXPECTED_ANSWER',
  });
});
