import { describe, expect, test } from 'vitest';
import { many, paths, ref, rehearse, shown } from './rehearsed.ts';

describe('editions and sizes', () => {
  test.each([
    ['oss', 1, 2],
    ['oss', 30, 2],
    ['oss', 100, 3],
    ['oss', 1000, 12],
    ['self-hosted', 30, 2],
    ['edge', 30, 2],
    ['saas', 1, 2],
    ['saas', 30, 2],
    ['saas', 100, 2],
    ['saas', 1000, 5],
  ])('%s, %i secrets: %i requests in all', async (edition, count, requests) => {
    const { fetch, backend, taken } = await rehearse({ options: { edition }, secrets: many(count) });
    const refs = paths(count).map((path) => ref(path));
    const outcomes = await fetch(refs);
    expect(outcomes.map((outcome) => outcome.ref)).toEqual(refs);
    expect(outcomes.map(shown)).toEqual(paths(count).map((path) => `value of ${path}`));
    const sent = taken();
    expect(sent).toHaveLength(requests);
    expect(Math.max(...sent.map((line) => `${line} HTTP/1.1\r\n`.length))).toBeLessThan(4096);
    const planned = backend.plan(refs).map(({ method, path }) => `${method} ${path}`);
    expect(planned.toSorted()).toEqual(sent.toSorted());
  });

  test('the plan names who brings what, without a packet', async () => {
    const { backend, taken } = await rehearse({ secrets: many(3) });
    const refs = [
      ...paths(3).map((path) => ref(path)),
      ref('a,b'),
      ref('prod/app/secret-0', { name: 'OLD', version: 1 }),
    ];
    expect(backend.plan(refs)).toEqual([
      { purpose: 'exchange', method: 'POST', path: '/authn-jwt/ci/rehearsal/authenticate', brings: [] },
      {
        purpose: 'read',
        method: 'GET',
        path: `/secrets?variable_ids=${[0, 1, 2].map((n) => `rehearsal:variable:prod%2Fapp%2Fsecret-${n}`).join(',')}`,
        brings: paths(3).map((path) => path.toUpperCase()),
      },
      { purpose: 'read', method: 'GET', path: '/secrets/rehearsal/variable/a%2Cb', brings: ['A,B'] },
      {
        purpose: 'read',
        method: 'GET',
        path: '/secrets/rehearsal/variable/prod%2Fapp%2Fsecret-0?version=1',
        brings: ['OLD'],
      },
    ]);
    expect(taken()).toEqual([]);
  });

  test.each([
    ['v1 on SaaS', { edition: 'saas' }, { batch: 'v1' }, ['GET /api/secrets?']],
    ['off', {}, { batch: 'off' }, ['GET /secrets/r', 'GET /secrets/r', 'GET /secrets/r']],
    ['v2 where there is none', {}, { batch: 'v2' }, ['POST /secrets/values', 'GET /secrets?']],
    ['v2 that SaaS lost', { edition: 'saas', v2: 'false' }, {}, ['POST /api/secrets/values', 'GET /api/secrets?']],
  ])('batch: %s', async (_, options, values, expected) => {
    const { fetch, taken } = await rehearse({ options, values, secrets: many(3) });
    const outcomes = await fetch(paths(3).map((path) => ref(path)));
    expect(outcomes.map(shown)).toEqual(paths(3).map((path) => `value of ${path}`));
    const reads = taken().slice(1);
    expect(reads.map((line, index) => line.slice(0, expected[index]?.length))).toEqual(expected);
  });

  test.each([405, 406])('v2 answered %i: the first API for the rest of the run', async (status) => {
    const { fetch, taken } = await rehearse({
      options: { edition: 'saas' },
      secrets: many(3),
      faults: [`read:${status}*1`],
    });
    for (const sent of [3, 2]) {
      expect((await fetch(paths(3).map((path) => ref(path)))).map(shown)).toEqual(
        paths(3).map((path) => `value of ${path}`),
      );
      expect(taken()).toHaveLength(sent);
    }
  });
});

describe('values and ids', () => {
  const odd = {
    'app/binary': Buffer.from([0, 255, 254, 13, 10, 0]),
    'app/crlf': 'a\r\nb\r\n',
    'app/replacement': 'is \uFFFD meant',
    'a,b': 'comma',
    'My Safe/Operating System-host-1/password': 'spaces',
    'a%2Fb+c#d?e@f:g': 'signs',
    'a//b': 'doubled',
    'größe/日本': 'letters',
    "it's(me)*!~": 'marks',
    __proto__x: 'proto',
    'rehearsal:policy:x': 'colons',
  };

  test.each(['oss', 'saas'])('come through exactly: %s', async (edition) => {
    const { fetch } = await rehearse({ options: { edition }, secrets: odd });
    const outcomes = await fetch(Object.keys(odd).map((path) => ref(path)));
    for (const outcome of outcomes) {
      const value = 'value' in outcome ? outcome.value.reveal() : Buffer.from(outcome.refusal);
      expect(value.equals(Buffer.from(odd[outcome.ref.path as keyof typeof odd])), outcome.ref.path).toBe(true);
    }
  });

  test('an id of __proto__ is one like any other', async () => {
    const { fetch } = await rehearse({ secrets: { ...many(2), ['__proto__']: 'mine' } });
    expect((await fetch([ref('prod/app/secret-0'), ref('__proto__')])).map(shown)).toEqual([
      'value of prod/app/secret-0',
      'mine',
    ]);
  });

  test('binary on SaaS is read again, the rest by one call', async () => {
    const { fetch, taken } = await rehearse({ options: { edition: 'saas' }, secrets: odd });
    await fetch(['app/binary', 'app/crlf', 'a,b'].map((path) => ref(path)));
    expect(taken().slice(1)).toEqual(['POST /api/secrets/values', 'GET /api/secrets/conjur/variable/app%2Fbinary']);
  });

  test('a large value is read singly where a batch would be too large', async () => {
    const secrets = { a: 'x'.repeat(3000), b: 'y'.repeat(3000), c: 'z' };
    const { fetch } = await rehearse({ secrets, maxAnswerBytes: 4096 });
    expect((await fetch([ref('a'), ref('b'), ref('c')])).map((outcome) => shown(outcome).length)).toEqual([
      3000, 3000, 1,
    ]);
  });

  test('versions', async () => {
    const { fetch, taken } = await rehearse({ secrets: { 'app/db': ['one', 'two'] } });
    const refs = [1, 2, 3].map((version) => ref('app/db', { name: `V${version}`, version }));
    expect((await fetch([...refs, ref('app/db')])).map(shown)).toEqual(['one', 'two', 'missing', 'two']);
    expect(taken()).toHaveLength(5);
  });

  test('the same variable is asked for once; each reference keeps its field', async () => {
    const { fetch, taken } = await rehearse({ secrets: { 'app/db': '{"user":"a"}', 'app/x': 'x' } });
    const refs = [
      ref('app/db', { field: ['user'] }),
      ref('app/db', { name: 'B' }),
      ref('rehearsal:variable:app/db'),
      ref('app/x'),
    ];
    const outcomes = await fetch(refs);
    expect(outcomes.map(shown)).toEqual(['{"user":"a"}', '{"user":"a"}', '{"user":"a"}', 'x']);
    expect(outcomes.map((outcome) => 'rest' in outcome && outcome.rest)).toEqual([['user'], [], [], []]);
    expect(taken()[1]).toBe('GET /secrets?variable_ids=rehearsal:variable:app%2Fdb,rehearsal:variable:app%2Fx');
  });

  test.each(['.', '..', 'rehearsal:variable:', '\ud800'])('%j is no id', async (path) => {
    const { fetch } = await rehearse();
    await expect(fetch([ref(path)])).rejects.toMatchObject({ reason: 'REFERENCE_INVALID' });
  });

  test('dynamic secrets are never batched: each read makes a credential', async () => {
    const { fetch, taken } = await rehearse({ secrets: { 'data/dynamic/a': '{}', 'data/dynamic/b': '{}' } });
    await fetch([ref('data/dynamic/a'), ref('data/dynamic/b')]);
    expect(taken().slice(1).toSorted()).toEqual(
      ['a', 'b'].map((id) => `GET /secrets/rehearsal/variable/data%2Fdynamic%2F${id}`),
    );
  });
});

describe('what a kept token is bound to', () => {
  test.each([
    [{}, ['authn-jwt/ci', 'rehearsal', '']],
    [{ edition: 'saas', identity: 'url' }, ['authn-jwt/ci', 'conjur', 'host/data/ci/rehearsal']],
  ])('%o', async (options, context) => {
    expect((await rehearse({ options })).backend.cacheContext).toEqual(context);
  });
});
