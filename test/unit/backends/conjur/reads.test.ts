import { afterEach, describe, expect, test } from 'vitest';
import { AccessTokenRefused } from '../../../../src/backends/types.ts';
import { Sensitive } from '../../../../src/lib/sensitive.ts';
import { ref, rehearse, type Rehearsed, type Setup, shown } from './rehearsed.ts';

let open: Rehearsed | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(setup: Setup = {}): Promise<Rehearsed> {
  open = await rehearse(setup);
  return open;
}

const held = (values: Readonly<Record<string, string | Buffer>>): ReadonlyMap<string, readonly Buffer[]> =>
  new Map(Object.entries(values).map(([path, value]) => [path, [Buffer.from(value)]]));

/** `count` paths of an ordinary length, each with a value that says which it is. */
const paths = (count: number): string[] => Array.from({ length: count }, (_, index) => `prod/app/secret-${index}`);
const many = (count: number): ReadonlyMap<string, readonly Buffer[]> =>
  held(Object.fromEntries(paths(count).map((path) => [path, `value of ${path}`])));

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
    const { fetch, backend, taken } = await start({ options: { edition }, secrets: many(count) });
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
    const { backend, taken } = await start({ secrets: many(3) });
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
    const { fetch, taken } = await start({ options, values, secrets: many(3) });
    const outcomes = await fetch(paths(3).map((path) => ref(path)));
    expect(outcomes.map(shown)).toEqual(paths(3).map((path) => `value of ${path}`));
    const reads = taken().slice(1);
    expect(reads.map((line, index) => line.slice(0, expected[index]?.length))).toEqual(expected);
  });

  test.each([405, 406])('v2 answered %i: the first API for the rest of the run', async (status) => {
    const { fetch, taken } = await start({
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
    const { fetch } = await start({ options: { edition }, secrets: held(odd) });
    const outcomes = await fetch(Object.keys(odd).map((path) => ref(path)));
    for (const outcome of outcomes) {
      const value = 'value' in outcome ? outcome.value.reveal() : Buffer.from(outcome.refusal);
      expect(value.equals(Buffer.from(odd[outcome.ref.path as keyof typeof odd])), outcome.ref.path).toBe(true);
    }
  });

  test('an id of __proto__ is one like any other', async () => {
    const { fetch } = await start({ secrets: new Map([...many(2), ['__proto__', [Buffer.from('mine')]]]) });
    expect((await fetch([ref('prod/app/secret-0'), ref('__proto__')])).map(shown)).toEqual([
      'value of prod/app/secret-0',
      'mine',
    ]);
  });

  test('binary on SaaS is read again, the rest by one call', async () => {
    const { fetch, taken } = await start({ options: { edition: 'saas' }, secrets: held(odd) });
    await fetch(['app/binary', 'app/crlf', 'a,b'].map((path) => ref(path)));
    expect(taken().slice(1)).toEqual(['POST /api/secrets/values', 'GET /api/secrets/conjur/variable/app%2Fbinary']);
  });

  test('a large value is read singly where a batch would be too large', async () => {
    const secrets = held({ a: 'x'.repeat(3000), b: 'y'.repeat(3000), c: 'z' });
    const { fetch } = await start({ secrets, maxAnswerBytes: 4096 });
    expect((await fetch([ref('a'), ref('b'), ref('c')])).map((outcome) => shown(outcome).length)).toEqual([
      3000, 3000, 1,
    ]);
  });

  test('versions', async () => {
    const secrets = new Map([['app/db', ['one', 'two'].map((value) => Buffer.from(value))]]);
    const { fetch, taken } = await start({ secrets });
    const refs = [1, 2, 3].map((version) => ref('app/db', { name: `V${version}`, version }));
    expect((await fetch([...refs, ref('app/db')])).map(shown)).toEqual(['one', 'two', 'missing', 'two']);
    expect(taken()).toHaveLength(5);
  });

  test('the same variable is asked for once; each reference keeps its field', async () => {
    const { fetch, taken } = await start({ secrets: held({ 'app/db': '{"user":"a"}', 'app/x': 'x' }) });
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
    const { fetch } = await start();
    await expect(fetch([ref(path)])).rejects.toMatchObject({ reason: 'REFERENCE_INVALID' });
  });

  test('dynamic secrets are never batched: each read makes a credential', async () => {
    const { fetch, taken } = await start({ secrets: held({ 'data/dynamic/a': '{}', 'data/dynamic/b': '{}' }) });
    await fetch([ref('data/dynamic/a'), ref('data/dynamic/b')]);
    expect(taken().slice(1).toSorted()).toEqual(
      ['a', 'b'].map((id) => `GET /secrets/rehearsal/variable/data%2Fdynamic%2F${id}`),
    );
  });
});

describe('what cannot be read', () => {
  const missing = [17, 60, 99];

  test.each(['oss', 'saas'])('3 of 100 ids are missing, %s: all named, in few requests', async (edition) => {
    const secrets = new Map([...many(100)].filter(([path]) => !missing.some((index) => path.endsWith(`-${index}`))));
    for (const batch of ['auto', 'v1']) {
      const { fetch, taken, close } = await rehearse({ options: { edition }, secrets, values: { batch } });
      const outcomes = await fetch(paths(100).map((path) => ref(path)));
      expect(outcomes.map(shown)).toEqual(
        paths(100).map((path, index) => (missing.includes(index) ? 'missing' : `value of ${path}`)),
      );
      expect(taken().length).toBeLessThanOrEqual(edition === 'saas' && batch === 'auto' ? 2 : 6);
      await close();
    }
  });

  test('3 of 100 are forbidden: all named, fewer requests than one each', async () => {
    const forbidden = missing.map((index) => `prod/app/secret-${index}`);
    const { fetch, taken } = await start({ secrets: many(100), forbidden });
    const outcomes = await fetch(paths(100).map((path) => ref(path)));
    expect(outcomes.map(shown)).toEqual(
      paths(100).map((path, index) => (missing.includes(index) ? 'forbidden' : `value of ${path}`)),
    );
    expect(taken().length).toBeLessThanOrEqual(36);
  });

  test('hidden ones count as missing, as a single read has it', async () => {
    const { fetch } = await start({ secrets: many(30), forbidden: ['prod/app/secret-7'], options: { hidden: 'true' } });
    const outcomes = await fetch(paths(30).map((path) => ref(path)));
    expect(
      outcomes.filter((outcome) => 'refusal' in outcome).map((outcome) => [outcome.ref.path, shown(outcome)]),
    ).toEqual([['prod/app/secret-7', 'missing']]);
  });

  test('an id that holds what the message is told by', async () => {
    const id = 'a is empty or not found. Variable rehearsal:variable:b';
    const { fetch } = await start({ secrets: held({ b: 'b', c: 'c' }) });
    expect((await fetch([ref('b'), ref(id), ref('c')])).map(shown)).toEqual(['b', 'missing', 'c']);
  });

  test('a proxy that takes short lines only: halves', async () => {
    const { fetch } = await start({ secrets: many(40), options: { 'request-line-limit': '400' } });
    expect((await fetch(paths(40).map((path) => ref(path)))).map(shown)).toEqual(
      paths(40).map((path) => `value of ${path}`),
    );
  });

  test('a proxy that drops Content-Encoding: single reads, not guesses', async () => {
    const { fetch, taken } = await start({ secrets: many(5), options: { 'rewriting-proxy': 'true' } });
    for (const sent of [7, 6]) {
      expect((await fetch(paths(5).map((path) => ref(path)))).map(shown)).toEqual(
        paths(5).map((path) => `value of ${path}`),
      );
      expect(taken()).toHaveLength(sent);
    }
  });
});

describe('refused access', () => {
  test.each([1, 2, 300])('a stale access token, %i secrets', async (count) => {
    const { backend, logIn, rehearsal } = await start({ secrets: many(count) });
    const token = await logIn();
    rehearsal.disturb('rotate-keys');
    const refs = paths(count).map((path) => ref(path));
    await expect(backend.fetchSecrets(token, refs)).rejects.toBeInstanceOf(AccessTokenRefused);
    expect((await backend.fetchSecrets(await logIn(), refs)).map(shown)).toEqual(
      paths(count).map((path) => `value of ${path}`),
    );
  });

  test('an access token that is none', async () => {
    const { backend } = await start({ secrets: many(1), options: { edition: 'saas' } });
    const token = {
      value: new Sensitive('{"protected":"x","payload":"x","signature":"x"}'),
      expiresAtMs: undefined,
      lifetimeSeconds: undefined,
    };
    await expect(backend.fetchSecrets(token, [ref('a'), ref('b')])).rejects.toBeInstanceOf(AccessTokenRefused);
  });

  test.each([
    ['oss', 1],
    ['oss', 300],
    ['saas', 300],
  ])('a role that is gone is told as such, %s, %i secrets', async (edition, count) => {
    const { backend, logIn, rehearsal, taken } = await start({ secrets: many(count), options: { edition } });
    const token = await logIn();
    rehearsal.disturb('drop-role');
    const refused = backend.fetchSecrets(
      token,
      paths(count).map((path) => ref(path)),
    );
    await expect(refused).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
    expect(taken().length).toBeLessThan(50);
  });

  test('all of it forbidden is not a role that is gone', async () => {
    const { fetch } = await start({ secrets: many(12), forbidden: paths(12) });
    expect((await fetch(paths(12).map((path) => ref(path)))).map(shown)).toEqual(paths(12).map(() => 'forbidden'));
  });
});

describe('answers that are no answers', () => {
  test.each([
    ['single', 1, 'read:html*99', 'NOT_THE_API'],
    ['batch', 3, 'read:html*99', 'NOT_THE_API'],
    ['single, a page with 404', 1, 'read:html*99;status=404', 'NOT_THE_API'],
    ['batch, a page with 403', 3, 'read:html*99;status=403', 'NOT_THE_API'],
    ['single', 1, 'read:empty*99', 'UNEXPECTED_ANSWER'],
    ['batch', 3, 'read:empty*99', 'UNEXPECTED_ANSWER'],
    ['batch', 3, 'read:badjson*99', 'BAD_JSON'],
    ['single', 1, 'read:422*99', 'BAD_REQUEST'],
    ['batch', 3, 'read:422*99', 'BAD_REQUEST'],
    ['batch', 3, 'read:400*99', 'BAD_REQUEST'],
    ['single', 1, 'read:405*99', 'BAD_REQUEST'],
    ['batch', 3, 'read:405*99', 'BAD_REQUEST'],
    ['batch', 3, 'read:gzip*99', 'ENCODING_REFUSED'],
    ['batch', 3, 'read:429*99;retry-after=3600', 'RATE_LIMITED'],
  ])('%s of %i, %s: %s', async (_, count, fault, reason) => {
    for (const edition of ['oss', 'saas']) {
      const { fetch, close } = await rehearse({ secrets: many(3), faults: [fault], options: { edition } });
      const outcome = await fetch(paths(count).map((path) => ref(path))).catch((error: unknown) => error);
      await close();
      expect(outcome, edition).toMatchObject({ reason });
    }
  });

  const answered = (body: unknown, type = 'application/json'): string =>
    `read:200*99;type=${type};body=${JSON.stringify(body)}`;

  test('a batch answer without its encoding is no source of values, whatever it holds', async () => {
    const body = Object.fromEntries(paths(2).map((path) => [`rehearsal:variable:${path}`, 'YQ==']));
    const { fetch } = await start({ secrets: many(2), faults: [answered(body).replace('*99', '*1')] });
    expect((await fetch(paths(2).map((path) => ref(path)))).map(shown)).toEqual(
      paths(2).map((path) => `value of ${path}`),
    );
  });

  test.each([
    ['no list', {}],
    ['no entry for an id', { secrets: [{ id: 'prod/app/secret-0', value: 'x', status: 200 }] }],
    ['no status', { secrets: paths(2).map((id) => ({ id, value: 'x' })) }],
    ['no value', { secrets: paths(2).map((id) => ({ id, status: 200 })) }],
  ])('a V2 answer with %s', async (_, body) => {
    const { fetch } = await start({ secrets: many(2), options: { edition: 'saas' }, faults: [answered(body)] });
    await expect(fetch(paths(2).map((path) => ref(path)))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  });

  test('a V2 status nobody described, or an empty value: the first API tells', async () => {
    const body = { secrets: paths(2).map((id, index) => ({ id, value: '', status: index === 0 ? 500 : 200 })) };
    const fault = answered(body).replace('*99', '*1');
    const { fetch, taken } = await start({ secrets: many(2), options: { edition: 'saas' }, faults: [fault] });
    expect((await fetch(paths(2).map((path) => ref(path)))).map(shown)).toEqual(
      paths(2).map((path) => `value of ${path}`),
    );
    expect(taken()).toHaveLength(3);
  });
});

describe('what a kept token is bound to', () => {
  test.each([
    [{}, ['authn-jwt/ci', 'rehearsal', '']],
    [{ edition: 'saas', identity: 'url' }, ['authn-jwt/ci', 'conjur', 'host/data/ci/rehearsal']],
  ])('%o', async (options, context) => {
    expect((await start({ options })).backend.cacheContext).toEqual(context);
  });
});
