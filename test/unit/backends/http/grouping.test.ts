import { expect, test } from 'vitest';
import { answering, fetchWith, openRecipe } from '../../../support/recipe-backend.ts';

// Requests are shared by references that are told apart by nothing in them: a value of one never answers for another's.

const LOGIN = { request: { path: '/login', json: { user: 'x' } }, outputs: { token: 'token' } };
const PLACE = { path: '{place}/{name}' };

test('all: what a header says is another place', async () => {
  const recipe = {
    reference: PLACE,
    login: LOGIN,
    fetch: {
      all: {
        request: { path: '/all', headers: { 'X-Place': '{ref.place}' } },
        entries: { map: 'values' },
        key: '{ref.name}',
      },
    },
  };
  const opened = await openRecipe(recipe, ({ target, headers }) => ({
    body: target === '/login' ? { token: 't' } : { values: { a: `a of ${headers['x-place']}`, b: 'b' } },
  }));
  expect(await fetchWith(opened, 'one/a', 'two/a', 'one/b')).toEqual(['a of one', 'a of two', 'b']);
  expect(opened.heard).toHaveLength(3);
});

test.each<[string, object, object]>([
  ['the map', { map: 'places.{ref.place}' }, { places: { one: { a: 'a of one' }, two: { a: 'a of two' } } }],
  [
    'the list',
    { list: 'places[name={ref.place}].items', name: 'key', value: 'secret' },
    {
      places: [
        { name: 'one', items: [{ key: 'a', secret: 'a of one' }] },
        { name: 'two', items: [{ key: 'a', secret: 'a of two' }] },
      ],
    },
  ],
])('all: the place that a reference names inside of %s of the answer', async (_, entries, body) => {
  const all = { request: { path: '/all' }, entries, key: '{ref.name}' };
  const opened = await openRecipe(
    { reference: PLACE, login: LOGIN, fetch: { all } },
    answering({ 'GET /all': { body } }),
  );
  expect(await fetchWith(opened, 'one/a', 'two/a')).toEqual(['a of one', 'a of two']);
});

test('one: a look-up that is told apart by the field, in its list and in what it takes', async () => {
  const rows = [
    { id: 'r1', kind: 'user', name: 'db' },
    { id: 'r2', kind: 'password', name: 'db' },
  ];
  const answers = {
    'GET /list': { body: { rows, ids: { user: 'r1', password: 'r2' } } },
    'GET /s/r1': { body: { value: 'shop' } },
    'GET /s/r2': { body: { value: 'opensesame' } },
  };
  const one = { request: { path: '/s/{found.id}' }, value: 'value' };
  for (const step of [
    { request: { path: '/list' }, list: 'rows', where: { name: '{path}', kind: '{field}' }, outputs: { id: 'id' } },
    { request: { path: '/list' }, outputs: { id: 'ids.{field}' } },
  ]) {
    const opened = await openRecipe({ login: LOGIN, 'look-up': step, fetch: { one } }, answering(answers));
    expect(await fetchWith(opened, 'db#user', 'db#password')).toEqual(['shop', 'opensesame']);
  }
});

test('one: a check-out that is told apart only by what is checked in', async () => {
  const recipe = {
    reference: PLACE,
    login: LOGIN,
    'check-out': {
      request: { path: '/out', json: { name: '{ref.name}' } },
      'check-in': { path: '/in', json: { place: '{ref.place}' } },
    },
    fetch: { one: { request: { path: '/s/{ref.name}' }, value: 'value' } },
  };
  const opened = await openRecipe(recipe, ({ target }) => ({
    body: target === '/login' ? { token: 't' } : { value: 'v' },
  }));
  expect(await fetchWith(opened, 'one/a', 'two/a')).toEqual(['v', 'v']);
  const checkedIn = opened.heard.filter(({ target }) => target === '/in').map(({ body }) => body);
  expect(checkedIn.toSorted()).toEqual(['{"place":"one"}', '{"place":"two"}']);
});

test('what a path of an answer, a key or a default needs of the login is kept with the token', async () => {
  const login = {
    request: { path: '/login', json: { user: 'x' } },
    outputs: {
      token: 'token',
      realm: { json: 'realm', public: true },
      prefix: { json: 'prefix', public: true },
      place: { json: 'place', public: true },
    },
  };
  const recipe = {
    reference: { path: ['{place}/{name}', '{name}'], defaults: { place: '{login.place}' } },
    login,
    fetch: {
      all: {
        request: { path: '/all/{ref.place}' },
        entries: { map: 'realms.{login.realm}' },
        key: '{login.prefix}{ref.name}',
      },
    },
  };
  const answers = {
    'POST /login': { body: { token: 't', realm: 'mine', prefix: 'p-', place: 'here' } },
    'GET /all/here': { body: { realms: { yours: { 'p-a': 'wrong', a: 'wrong' }, mine: { 'p-a': 'right' } } } },
  };
  expect(await fetchWith(await openRecipe(recipe, answering(answers)), 'a')).toEqual(['right']);
});
