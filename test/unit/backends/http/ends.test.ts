import { describe, expect, onTestFinished, test } from 'vitest';
import { http } from '../../../../src/backends/http/index.ts';
import type { HttpBackendValues } from '../../../../src/backends/http/settings.ts';
import { AccessTokenRefused } from '../../../../src/backends/types.ts';
import { openHttp } from '../../../../src/lib/http.ts';
import { answering, fetchWith, logIn, openRecipe, told } from '../../../support/recipe-backend.ts';
import { refs, settingValues } from '../../../support/rehearsed-backend.ts';

// The awkward end of each construct that no shipped recipe has.

const LOGIN = { request: { path: '/login', json: { user: 'x' } }, outputs: { token: 'token' } };
const ONE = { request: { path: '/s/{path}' }, value: 'value' };
const jwt = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

describe('when the access token ends', () => {
  test.each<[string, object | readonly object[], object, number]>([
    ['seconds as a number', { in: 'life' }, { life: 300 }, 300],
    ['seconds as text', { in: 'life' }, { life: '300' }, 300],
    ['a fraction', { in: 'life' }, { life: 299.5 }, 299.5],
    ['a point in time where seconds are said', { in: 'life' }, { life: inSeconds(300) }, 300],
    ['a point in time, seconds', { at: 'end' }, { end: `${inSeconds(300)}` }, 300],
    ['a point in time, milliseconds', { at: 'end', form: 'milliseconds' }, { end: inSeconds(300) * 1000 }, 300],
    ['a date', { at: 'end', form: 'iso' }, { end: new Date(inSeconds(300) * 1000).toISOString() }, 300],
    ['a claim', { claim: 'exp' }, { token: jwt({ exp: inSeconds(300) }) }, 300],
    ['a fixed time', { after: '5m' }, {}, 300],
    ['the second rule, the first has nothing', [{ in: 'life' }, { claim: 'exp' }, { after: '5m' }], {}, 300],
    ['the first of two paths', { in: ['life', 'other'] }, { life: null, other: 300 }, 300],
  ])('%s', async (_, expires, body, seconds) => {
    const opened = await openRecipe({ login: LOGIN, expires, fetch: { one: ONE } }, () => ({
      body: { token: 't', ...body },
    }));
    const { lifetimeSeconds = 0 } = await logIn(opened.backend);
    expect(Math.abs(lifetimeSeconds - seconds)).toBeLessThan(5);
  });

  test.each<[string, object, object]>([
    ['a word', { in: 'life' }, { life: 'soon' }],
    ['a list', { in: 'life' }, { life: [300] }],
    ['a date without its offset', { at: 'end', form: 'iso' }, { end: '2099-01-01T00:00:00' }],
    ['a day', { at: 'end', form: 'iso' }, { end: '2099-01-01' }],
    ['a claim that is none', { claim: 'exp' }, { token: jwt({ exp: 'soon' }) }],
  ])('%s is no time', async (_, expires, body) => {
    const opened = await openRecipe({ login: LOGIN, expires, fetch: { one: ONE } }, () => ({
      body: { token: 't', ...body },
    }));
    await expect(logIn(opened.backend)).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  });

  test('without a word of it nothing is known', async () => {
    const opened = await openRecipe({ login: LOGIN, expires: { in: 'life' }, fetch: { one: ONE } }, answering({}));
    expect((await logIn(opened.backend)).expiresAtMs).toBeUndefined();
  });
});

describe('filters', () => {
  const json = {
    number: '{parameters.count|number}',
    flag: '{parameters.flag|boolean}',
    text: '{parameters.count}',
    base64: 'x {parameters.odd|base64}',
  };
  const parameters = { count: {}, flag: {}, odd: {} };
  const raw = { text: '<a b="{parameters.odd|url}">{parameters.odd|json}</a>', type: 'application/xml' };
  const login = [
    { request: { path: '/raw', raw } },
    { request: { path: '/login', json }, outputs: { token: 'token' } },
  ];
  const recipe = { parameters, login, fetch: { one: ONE } };

  test('make typed values, and encode besides the encoding of their place', async () => {
    const opened = await openRecipe(recipe, answering({ 'POST /raw': { body: {} } }), 'count=-12,flag=true,odd=é"<');
    await logIn(opened.backend);
    const [first, second] = opened.heard;
    expect(first?.body).toBe('<a b="%C3%A9%22%3C">é\\"<</a>');
    expect(first?.headers['content-type']).toBe('application/xml');
    expect(second?.body).toBe('{"number":-12,"flag":true,"text":"-12","base64":"x w6kiPA=="}');
  });

  test.each(['count=1.5,flag=true,odd=x', 'count=01,flag=true,odd=x', 'count=1,flag=yes,odd=x'])(
    '%s cannot be typed so',
    async (given) => {
      const opened = await openRecipe(recipe, answering({ 'POST /raw': { body: {} } }), given);
      await expect(logIn(opened.backend)).rejects.toMatchObject({ reason: 'REFERENCE_INVALID' });
      expect(opened.heard).toHaveLength(1);
    },
  );
});

test.each<[string, string | undefined]>([
  ['first', '1'],
  ['last', '2'],
  ['refuse', undefined],
])('two entries of one name: %s', async (duplicates, expected) => {
  const entries = { list: 'rows', name: 'key', value: 'secret', duplicates };
  const body = {
    rows: [
      { key: 'a', secret: '1' },
      { key: 'a', secret: '2' },
    ],
  };
  const recipe = { login: LOGIN, fetch: { all: { request: { path: '/all' }, entries } } };
  const ending = await fetchWith(await openRecipe(recipe, answering({ 'GET /all': { body } })), 'a').catch(
    (error: unknown) => error,
  );
  if (expected === undefined) expect(ending).toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  else expect(ending).toEqual([expected]);
});

test('many: what the answer lacks is missing only where the recipe says so', async () => {
  const many = { request: { path: '/many', json: { names: '{paths}' } }, entries: { map: '.' } };
  const answers = { 'POST /many': { body: { a: '1' } } };
  const lenient = { login: LOGIN, fetch: { many: { ...many, absent: 'missing' } } };
  expect(await fetchWith(await openRecipe(lenient, answering(answers)), 'a', 'b')).toEqual(['1', 'missing']);
  const strict = await openRecipe({ login: LOGIN, fetch: { many } }, answering(answers));
  await expect(fetchWith(strict, 'a', 'b')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('paths in a query are repeated, each in its encoding', async () => {
  const many = { request: { path: '/many', query: { name: '{paths}' } }, entries: { map: '.' } };
  const opened = await openRecipe({ login: LOGIN, fetch: { many } }, ({ target }) => ({
    body: target === '/login' ? { token: 't' } : { 'a/b': '1', 'c&d': '2' },
  }));
  expect(await fetchWith(opened, 'a/b', 'c&d', 'a/b')).toEqual(['1', '2', '1']);
  expect(opened.heard[1]?.target).toBe('/many?name=a%2Fb&name=c%26d');
});

test('a success is one of the statuses that the recipe names', async () => {
  const errors = { success: [201] };
  const one = { ...ONE, request: { ...ONE.request, errors } };
  const answers = { 'GET /s/a': { status: 201, body: { value: 'v' } }, 'GET /s/b': { body: { value: 'v' } } };
  const opened = await openRecipe({ login: LOGIN, fetch: { one } }, answering(answers));
  expect(await fetchWith(opened, 'a')).toEqual(['v']);
  await expect(fetchWith(opened, 'b')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('bytes come as they are, in base64url with or without padding; an empty body is none', async () => {
  const one = (more: object): object => ({
    request: { path: '/s/{path}', answer: 'bytes' },
    value: { body: true, ...more },
  });
  const answers = {
    'GET /s/plain': { headers: { 'content-type': 'application/octet-stream' }, body: ' \r\n x ' },
    'GET /s/padded': { body: '_-8=' },
    'GET /s/bare': { body: '_-8' },
    'GET /s/odd': { body: '_-9' },
    'GET /s/empty': { body: '' },
  };
  const opened = await openRecipe({ login: LOGIN, fetch: { one: one({}) } }, answering(answers));
  expect(await fetchWith(opened, 'plain')).toEqual([' \r\n x ']);
  await expect(fetchWith(opened, 'empty')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  const decoding = await openRecipe({ login: LOGIN, fetch: { one: one({ decode: 'base64url' }) } }, answering(answers));
  const outcomes = await decoding.backend.fetchSecrets(await logIn(decoding.backend), refs('padded', 'bare'));
  const bytes = outcomes.map((one_) => ('value' in one_ ? one_.value.reveal().toString('hex') : ''));
  expect(bytes).toEqual(['ffef', 'ffef']);
  await expect(fetchWith(decoding, 'odd')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('a version goes where the recipe has one, and is refused where it has none', async () => {
  const one = { request: { path: '/s/{path}', query: { version: '{version}' } }, value: 'value' };
  const answers = { 'GET /s/a?version=3': { body: { value: 'old' } }, 'GET /s/a': { body: { value: 'new' } } };
  const opened = await openRecipe({ login: LOGIN, fetch: { one } }, answering(answers));
  const [plain] = refs('a');
  if (plain === undefined) throw new Error('no reference');
  const wanted = [plain, { ...plain, name: 'OLD', version: 3 }];
  expect(told(await opened.backend.fetchSecrets(await logIn(opened.backend), wanted))).toEqual(['new', 'old']);
  const none = await openRecipe({ login: LOGIN, fetch: { one: ONE } }, answering({}));
  expect(() => none.backend.plan(wanted)).toThrow(expect.objectContaining({ reason: 'REFERENCE_INVALID' }));
});

test("the server's own code says more than its status", async () => {
  const errors = {
    code: 'why',
    unauthorized: { codes: ['SessionOver'] },
    forbidden: { codes: ['NotYours'] },
    missing: { statuses: [410], codes: ['Gone'] },
  };
  const answers = {
    'GET /s/a': { status: 400, body: { why: 'NotYours' } },
    'GET /s/b': { status: 400, body: { why: 'Gone' } },
    'GET /s/c': { status: 410, body: {} },
    'GET /s/d': { status: 403, body: { why: 'SessionOver' } },
    'GET /s/e': { status: 404, body: {} },
  };
  const opened = await openRecipe({ login: LOGIN, fetch: { one: ONE }, errors }, answering(answers));
  expect(await fetchWith(opened, 'a', 'b', 'c')).toEqual(['forbidden', 'missing', 'missing']);
  await expect(fetchWith(opened, 'd')).rejects.toBeInstanceOf(AccessTokenRefused);
  // Statuses of its own take the place of those that mean it everywhere.
  await expect(fetchWith(opened, 'e')).rejects.toMatchObject({ reason: 'BAD_REQUEST' });
});

test.each([
  [true, 4],
  [false, 1],
])('repeat: %s: a server that is down is asked %i times', async (repeat, times) => {
  const one = { ...ONE, request: { ...ONE.request, repeat } };
  const opened = await openRecipe({ login: LOGIN, fetch: { one } }, ({ target }) =>
    target === '/login' ? { body: { token: 't' } } : { status: 503, body: {} },
  );
  await expect(fetchWith(opened, 'a')).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  expect(opened.heard).toHaveLength(1 + times);
});

test('a user of Basic authentication has no colon: what follows it would be part of the password', async () => {
  const authorization = { basic: { user: '{parameters.user}', password: '{token}' } };
  const recipe = { parameters: { user: {} }, login: LOGIN, authorization, fetch: { one: ONE } };
  const answers = { 'GET /s/a': { body: { value: 'v' } } };
  const good = await openRecipe(recipe, answering(answers), 'user=ci');
  expect(await fetchWith(good, 'a')).toEqual(['v']);
  expect(good.heard[1]?.headers['authorization']).toBe(`Basic ${Buffer.from('ci:access-token').toString('base64')}`);
  const bad = await openRecipe(recipe, answering(answers), 'user=ci:x');
  await expect(fetchWith(bad, 'a')).rejects.toMatchObject({ reason: 'REFERENCE_INVALID' });
  expect(bad.heard).toHaveLength(1);
});

test('a request for a service goes to its address and to no other', async () => {
  const recipe = {
    services: { auth: 'https://auth.example.com' },
    login: { ...LOGIN, request: { ...LOGIN.request, service: 'auth' } },
    fetch: { one: ONE },
  };
  const own = await openRecipe(
    { login: LOGIN, fetch: { one: ONE } },
    answering({ 'GET /s/a': { body: { value: 'v' } } }),
  );
  const auth = await openRecipe({ login: LOGIN, fetch: { one: ONE } }, answering({}));
  const [main, service] = [own, auth].map(({ url, invocation }) => openHttp({ endpoints: [new URL(url)] }, invocation));
  if (main === undefined || service === undefined) throw new Error('no clients');
  onTestFinished(async () => {
    await main.close();
    await service.close();
  });
  const values: HttpBackendValues = settingValues(http, { recipe: JSON.stringify(recipe) });
  const context = { name: 'main', url: new URL(own.url), values, invocation: own.invocation, maxAnswerBytes: 1024 };
  const backend = await http.create({ ...context, http: main, service: () => service, singleUse: false });
  expect(told(await backend.fetchSecrets(await logIn(backend), refs('a')))).toEqual(['v']);
  expect([own, auth].map(({ heard }) => heard.map(({ target }) => target))).toEqual([['/s/a'], ['/login']]);
});
