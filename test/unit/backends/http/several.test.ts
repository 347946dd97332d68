import { expect, test } from 'vitest';
import { answering, fetchWith, openRecipe, type Scripted } from '../../../support/recipe-backend.ts';

const LOGIN = { request: { path: '/login', json: { user: 'x' } }, outputs: { token: 'token' } };
const BEARER = { headers: { Authorization: 'Bearer {token}' } };

const LIST = { list: 'items', name: 'key', value: 'secret' };

test('pages by a token, by a link, by a number and by an offset', async () => {
  const items = [
    { key: 'a', secret: '1' },
    { key: 'b', secret: '2' },
    { key: 'c', secret: '3' },
  ];
  const all = (query: object, pages: object): object => ({
    login: LOGIN,
    authorization: BEARER,
    fetch: { all: { request: { path: '/list', query }, entries: LIST, pages } },
  });
  const cases: [object, Readonly<Record<string, Scripted>>][] = [
    [
      all({ after: '{next}' }, { next: 'next' }),
      {
        'GET /list': { body: { items: items.slice(0, 2), next: 'p 2' } },
        'GET /list?after=p%202': { body: { items: items.slice(2), next: '' } },
      },
    ],
    [
      all({}, { link: ['links.next'] }),
      {
        'GET /list': { body: { items: items.slice(0, 1), links: { next: '/list?cursor=%2F2' } } },
        'GET /list?cursor=%2F2': { body: { items: items.slice(1), links: { next: null } } },
      },
    ],
    [
      all({ page: '{page}' }, { by: 'page', from: 1, size: 2 }),
      {
        'GET /list?page=1': { body: { items: items.slice(0, 2) } },
        'GET /list?page=2': { body: { items: items.slice(2) } },
      },
    ],
    [
      all({ start: '{offset}' }, { by: 'offset', size: 2 }),
      {
        'GET /list?start=0': { body: { items: items.slice(0, 2) } },
        'GET /list?start=2': { body: { items: items.slice(2) } },
      },
    ],
  ];
  for (const [recipe, answers] of cases) {
    const opened = await openRecipe(recipe, answering(answers));
    expect(await fetchWith(opened, 'c', 'a', 'none')).toEqual(['3', '1', 'missing']);
    expect(opened.heard).toHaveLength(3);
    expect(opened.heard.slice(1).every(({ headers }) => headers['authorization'] === 'Bearer access-token')).toBe(true);
  }
});

test('pages that never end, go round in a circle or lead elsewhere are refused', async () => {
  const recipe = (pages: object): object => ({
    login: LOGIN,
    fetch: {
      all: { request: { path: '/list', query: 'next' in pages ? { after: '{next}' } : {} }, entries: LIST, pages },
    },
  });
  let count = 0;
  const endless = await openRecipe(recipe({ next: 'next', 'at-most': 5 }), ({ target }) => ({
    body: target === '/login' ? { token: 't' } : { items: [], next: `${count++}` },
  }));
  await expect(fetchWith(endless, 'a')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  expect(endless.heard).toHaveLength(6);
  const circle = await openRecipe(recipe({ next: 'next' }), ({ target }) => ({
    body: target === '/login' ? { token: 't' } : { items: [], next: 'same' },
  }));
  await expect(fetchWith(circle, 'a')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  const away = await openRecipe(recipe({ link: 'next' }), ({ target }) => ({
    body: target === '/login' ? { token: 't' } : { items: [], next: 'https://elsewhere.example.com/list' },
  }));
  await expect(fetchWith(away, 'a')).rejects.toMatchObject({ reason: 'ENDPOINT_NOT_ALLOWED' });
});

test('what is not ready is asked for again, a bounded number of times', async () => {
  const pending = { statuses: [409], json: 'state', is: ['PENDING'], every: '1ms', 'at-most': 4 };
  const recipe = { login: LOGIN, fetch: { one: { request: { path: '/s', pending }, value: 'value' } } };
  const answers: Scripted[] = [{ status: 409, body: {} }, { body: { state: 'PENDING' } }, { body: { value: 'v' } }];
  let index = 0;
  const ready = await openRecipe(recipe, ({ target }) =>
    target === '/login' ? { body: { token: 't' } } : (answers[index++] ?? {}),
  );
  expect(await fetchWith(ready, 'a')).toEqual(['v']);
  const never = await openRecipe(recipe, ({ target }) => ({
    body: target === '/login' ? { token: 't' } : { state: 'PENDING' },
  }));
  await expect(fetchWith(never, 'a')).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  expect(never.heard).toHaveLength(5);
});

test('many: a list of entries, errors of single ones, and one that is neither', async () => {
  const many = {
    'at-most': 2,
    request: { path: '/batch', json: { ids: '{paths}', token: '{token}' } },
    entries: { list: 'values', name: 'id', value: ['text', 'binary'] },
    refused: { list: 'errors', name: 'id', code: 'code', missing: ['NotFound'], forbidden: ['Denied'] },
  };
  const recipe = { login: LOGIN, fetch: { many }, errors: { members: ['fault'] } };
  const opened = await openRecipe(recipe, ({ target, body }) => {
    if (target === '/login') return { body: { token: 't' } };
    const { ids } = JSON.parse(body) as { ids: string[] };
    const known = ids.filter((id) => id.startsWith('k'));
    const code = (id: string): string => (id.startsWith('n') ? 'NotFound' : 'Denied');
    const errors = ids.filter((id) => /^[nd]/.test(id)).map((id) => ({ id, code: code(id) }));
    return { body: { values: known.map((id) => ({ id, text: `value of ${id}` })), errors } };
  });
  expect(await fetchWith(opened, 'k1', 'n1', 'd1', 'k2', 'k1')).toEqual([
    'value of k1',
    'missing',
    'forbidden',
    'value of k2',
    'value of k1',
  ]);
  expect(opened.heard.slice(1).map(({ body }) => JSON.parse(body))).toEqual([
    { ids: ['k1', 'n1'], token: 't' },
    { ids: ['d1', 'k2'], token: 't' },
  ]);
  await expect(fetchWith(opened, 'other')).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test.each<[string, object, string]>([
  ['a token that is never sent', { query: {}, pages: { next: 'next' } }, 'fetch.all.pages has no effect'],
  ['another number than is sent', { query: { page: '{offset}' }, pages: { by: 'page' } }, 'names {offset}'],
  [
    'items that nobody counts',
    { query: { page: '{page}' }, pages: { by: 'page' }, entries: { map: '.' } },
    'fetch.all.pages.by counts the items',
  ],
])('pages by %s are a fault of the recipe', async (_, { query, ...more }: { query?: object }, phrase) => {
  const recipe = { login: LOGIN, fetch: { all: { request: { path: '/list', query }, entries: LIST, ...more } } };
  await expect(openRecipe(recipe, answering({}))).rejects.toThrow(phrase);
});
