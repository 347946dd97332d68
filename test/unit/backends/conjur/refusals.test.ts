import { describe, expect, test } from 'vitest';
import { AccessTokenRefused } from '../../../../src/backends/types.ts';
import { Sensitive } from '../../../../src/lib/sensitive.ts';
import { many, paths, ref, rehearse, shown } from './rehearsed.ts';

describe('what cannot be read', () => {
  const missing = [17, 60, 99];

  test.each(['oss', 'saas'])('3 of 100 ids are missing, %s: all named, in few requests', async (edition) => {
    const secrets = Object.fromEntries(
      Object.entries(many(100)).filter(([path]) => !missing.some((index) => path.endsWith(`-${index}`))),
    );
    for (const batch of ['auto', 'v1']) {
      const { fetch, taken } = await rehearse({ options: { edition }, secrets, values: { batch } });
      const outcomes = await fetch(paths(100).map((path) => ref(path)));
      expect(outcomes.map(shown)).toEqual(
        paths(100).map((path, index) => (missing.includes(index) ? 'missing' : `value of ${path}`)),
      );
      expect(taken().length).toBeLessThanOrEqual(edition === 'saas' && batch === 'auto' ? 2 : 6);
    }
  });

  test('3 of 100 are forbidden: all named, fewer requests than one each', async () => {
    const forbidden = new Set(missing.map((index) => `prod/app/secret-${index}`));
    const { fetch, taken } = await rehearse({ secrets: many(100), forbidden });
    const outcomes = await fetch(paths(100).map((path) => ref(path)));
    expect(outcomes.map(shown)).toEqual(
      paths(100).map((path, index) => (missing.includes(index) ? 'forbidden' : `value of ${path}`)),
    );
    expect(taken().length).toBeLessThanOrEqual(36);
  });

  test('hidden ones count as missing, as a single read has it', async () => {
    const { fetch } = await rehearse({
      secrets: many(30),
      forbidden: new Set(['prod/app/secret-7']),
      options: { hidden: 'true' },
    });
    const outcomes = await fetch(paths(30).map((path) => ref(path)));
    expect(
      outcomes.filter((outcome) => 'refusal' in outcome).map((outcome) => [outcome.ref.path, shown(outcome)]),
    ).toEqual([['prod/app/secret-7', 'missing']]);
  });

  test('an id that holds what the message is told by', async () => {
    const id = 'a is empty or not found. Variable rehearsal:variable:b';
    const { fetch } = await rehearse({ secrets: { b: 'b', c: 'c' } });
    expect((await fetch([ref('b'), ref(id), ref('c')])).map(shown)).toEqual(['b', 'missing', 'c']);
  });

  test('a proxy that takes short lines only: halves', async () => {
    const { fetch } = await rehearse({ secrets: many(40), options: { 'request-line-limit': '400' } });
    expect((await fetch(paths(40).map((path) => ref(path)))).map(shown)).toEqual(
      paths(40).map((path) => `value of ${path}`),
    );
  });

  test('a proxy that drops Content-Encoding: single reads, not guesses', async () => {
    const { fetch, taken } = await rehearse({ secrets: many(5), options: { 'rewriting-proxy': 'true' } });
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
    const { backend, logIn, rehearsal } = await rehearse({ secrets: many(count) });
    const token = await logIn();
    rehearsal.disturb('rotate-keys');
    const refs = paths(count).map((path) => ref(path));
    await expect(backend.fetchSecrets(token, refs)).rejects.toBeInstanceOf(AccessTokenRefused);
    expect((await backend.fetchSecrets(await logIn(), refs)).map(shown)).toEqual(
      paths(count).map((path) => `value of ${path}`),
    );
  });

  test('an access token that is none', async () => {
    const { backend } = await rehearse({ secrets: many(1), options: { edition: 'saas' } });
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
    const { backend, logIn, rehearsal, taken } = await rehearse({ secrets: many(count), options: { edition } });
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
    const { fetch } = await rehearse({ secrets: many(12), forbidden: new Set(paths(12)) });
    expect((await fetch(paths(12).map((path) => ref(path)))).map(shown)).toEqual(paths(12).map(() => 'forbidden'));
  });
});

const answered = (body: unknown, type = 'application/json'): string =>
  `read:200*99;type=${type};body=${JSON.stringify(body)}`;

describe('answers that are no answers', () => {
  test.each([
    ['single', 1, 'read:html*99', 'NOT_THE_API'],
    ['batch', 3, 'read:html*99', 'NOT_THE_API'],
    ['single, a page with 404', 1, 'read:html*99;status=404', 'NOT_THE_API'],
    ['single, a 404 without a word', 1, 'read:empty*99;status=404', 'UNEXPECTED_ANSWER'],
    ['batch, a 404 without a word', 3, 'read:empty*99;status=404', 'UNEXPECTED_ANSWER'],
    ['single, a 404 of something else', 1, 'read:404*99;body={"message":"no route"}', 'UNEXPECTED_ANSWER'],
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
      const { fetch } = await rehearse({ secrets: many(3), faults: [fault], options: { edition } });
      const outcome = await fetch(paths(count).map((path) => ref(path))).catch((error: unknown) => error);
      expect(outcome, edition).toMatchObject({ reason });
    }
  });
  test('a batch answer without its encoding is no source of values, whatever it holds', async () => {
    const body = Object.fromEntries(paths(2).map((path) => [`rehearsal:variable:${path}`, 'YQ==']));
    const { fetch } = await rehearse({ secrets: many(2), faults: [answered(body).replace('*99', '*1')] });
    expect((await fetch(paths(2).map((path) => ref(path)))).map(shown)).toEqual(
      paths(2).map((path) => `value of ${path}`),
    );
  });

  test.each([
    ['no list', {}],
    ['no entry for an id', { secrets: [{ id: 'prod/app/secret-0', value: 'x', status: 200 }] }],
    ['no status', { secrets: paths(2).map((id) => ({ id, value: 'x' })) }],
    ['no value', { secrets: paths(2).map((id) => ({ id, status: 200 })) }],
    ['two entries for an id', { secrets: [...paths(2), ...paths(1)].map((id) => ({ id, value: 'x', status: 200 })) }],
  ])('a V2 answer with %s', async (_, body) => {
    const { fetch } = await rehearse({ secrets: many(2), options: { edition: 'saas' }, faults: [answered(body)] });
    await expect(fetch(paths(2).map((path) => ref(path)))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  });

  test('a V2 entry with two values has none', async () => {
    const [one, two] = paths(2).map((id) => `{"id":"${id}","value":"x","value":"y","status":200}`);
    const faults = [`read:200*99;type=application/json;body={"secrets":[${one},${two}]}`];
    const { fetch } = await rehearse({ secrets: many(2), options: { edition: 'saas' }, faults });
    await expect(fetch(paths(2).map((path) => ref(path)))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  });

  test('a V2 status nobody described, or an empty value: the first API tells', async () => {
    const body = { secrets: paths(2).map((id, index) => ({ id, value: '', status: index === 0 ? 500 : 200 })) };
    const fault = answered(body).replace('*99', '*1');
    const { fetch, taken } = await rehearse({ secrets: many(2), options: { edition: 'saas' }, faults: [fault] });
    expect((await fetch(paths(2).map((path) => ref(path)))).map(shown)).toEqual(
      paths(2).map((path) => `value of ${path}`),
    );
    expect(taken()).toHaveLength(3);
  });
});
