import { describe, expect, test } from 'vitest';
import type { ServerReply } from '../../../../src/dev/types.ts';
import { bodyOf, type StrictConjur, strictConjur } from './strict-conjur.ts';

const BINARY = Buffer.from([0, 255, 254, 13, 10, 0]);
const LONG = Buffer.alloc(1024 * 1024, 'x');
const SECRETS = {
  'app/db': ['one', 'two', 'three'],
  'app/user': ['alice'],
  'app/binary': [BINARY],
  'app/long': [LONG],
  'app/unset': [],
  'app/empty': [''],
  'a b%+#?@:é,ü//x': ['odd'],
};

const get = async (strict: StrictConjur, target: string, headers: Record<string, string> = {}): Promise<ServerReply> =>
  strict.send({ target, headers: { ...(await strict.authorization()), ...headers } });

const one = (id: string, query = ''): string => `/secrets/rehearsal/variable/${encodeURIComponent(id)}${query}`;
const NOT_FOUND = (id: string): unknown => ({
  error: { code: 'not_found', message: `CONJ00076E Variable ${id} is empty or not found.` },
});

const write = async (options: Record<string, string>, body: string): Promise<ServerReply> => {
  const strict = await strictConjur(options, SECRETS);
  return strict.send({
    method: 'POST',
    target: one('app/db'),
    headers: await strict.authorization(),
    body: Buffer.from(body),
  });
};

describe('access token of a data call', () => {
  test.each([
    ['none', undefined, 'Authorization missing'],
    ['Bearer', 'Bearer abc', 'Authorization missing'],
    ['no quotes', 'Token token=abc', 'Authorization missing'],
    ['no JSON in it', `Token token="${Buffer.from('plain').toString('base64')}"`, 'Malformed authorization token'],
    ['another JSON', `Token token="${Buffer.from('{}').toString('base64')}"`, 'Unauthorized: Invalid token'],
  ])('%s: 401 in plain text', async (_, authorization, body) => {
    const strict = await strictConjur({}, SECRETS);
    const reply = await strict.send({
      target: one('app/db'),
      headers: authorization === undefined ? {} : { authorization },
    });
    expect([reply.status, reply.headers?.['content-type'], bodyOf(reply)]).toEqual([
      401,
      'text/plain; charset=utf-8',
      body,
    ]);
  });

  test('URL-safe base64 loses characters in the decoder', async () => {
    const strict = await strictConjur({}, SECRETS);
    // `~~~` and `???` give `-` or `_` where the alphabet is URL-safe.
    const json = Buffer.from('{"protected":"???>>>~~~","payload":"???","signature":"???"}').toString('base64url');
    const reply = await strict.send({ target: one('app/db'), headers: { authorization: `Token token="${json}"` } });
    expect(bodyOf(reply)).toBe('Malformed authorization token');
  });

  test('dies at its end by the server clock, with the keys, and with the role', async () => {
    const strict = await strictConjur({ 'token-lifetime': '2' }, SECRETS);
    const headers = await strict.authorization();
    const status = async (): Promise<number> => (await strict.send({ target: one('app/db'), headers })).status;
    expect(await status()).toBe(200);
    strict.server.disturb?.('drop-role');
    expect(await status()).toBe(403);
    strict.server.disturb?.('restore-role');
    strict.clockMs += 1499;
    expect(await status()).toBe(200);
    strict.clockMs += 1;
    expect(await status()).toBe(401);
    strict.clockMs -= 1500;
    strict.server.disturb?.('rotate-keys');
    expect(await status()).toBe(401);
    expect(() => strict.server.disturb?.('explode')).toThrow(expect.objectContaining({ reason: 'USAGE' }));
  });

  test('without exp it lives for 8 minutes', async () => {
    const strict = await strictConjur({ 'no-exp': 'true' }, SECRETS);
    const headers = await strict.authorization();
    strict.clockMs += 479_000;
    expect((await strict.send({ target: one('app/db'), headers })).status).toBe(200);
    strict.clockMs += 1000;
    expect((await strict.send({ target: one('app/db'), headers })).status).toBe(401);
  });
});

describe('single read', () => {
  test.each([
    ['app/db', 'three'],
    ['app/binary', BINARY],
    ['app/long', LONG],
    ['a b%+#?@:é,ü//x', 'odd'],
  ])('%s: the exact bytes', async (id, value) => {
    const strict = await strictConjur({}, SECRETS);
    const reply = await get(strict, one(id), { 'accept-encoding': 'base64' });
    expect([reply.status, reply.headers]).toEqual([200, { 'content-type': 'application/octet-stream' }]);
    expect(Buffer.from(reply.body ?? '').equals(Buffer.from(value))).toBe(true);
  });

  test('raw slashes are part of the id', async () => {
    const strict = await strictConjur({}, SECRETS);
    expect((await get(strict, '/secrets/rehearsal/variable/app/db')).status).toBe(200);
    expect((await get(strict, '/secrets/rehearsal/variable/app//db')).status).toBe(404);
    expect((await get(strict, '/secrets/rehearsal/variable/')).status).toBe(404);
    expect((await get(strict, '/secrets/rehearsal/host/app/db')).status).toBe(404);
  });

  test.each([
    ['1', 200, 'one'],
    ['2', 200, 'two'],
    ['0', 404, undefined],
    ['-1', 404, undefined],
    ['4', 404, undefined],
    ['1.5', 422, undefined],
    ['latest', 422, undefined],
  ])('version=%s', async (version, status, value) => {
    const strict = await strictConjur({}, SECRETS);
    const reply = await get(strict, one('app/db', `?version=${version}`));
    expect(reply.status).toBe(status);
    if (value !== undefined) expect(bodyOf(reply)).toBe(value);
  });

  test('only the newest 20 versions are kept', async () => {
    const strict = await strictConjur({}, { many: Array.from({ length: 25 }, (_, index) => `v${index + 1}`) });
    expect((await get(strict, one('many', '?version=5'))).status).toBe(404);
    expect(bodyOf(await get(strict, one('many', '?version=6')))).toBe('v6');
  });

  test.each(['app/none', 'app/unset', 'app/empty'])('%s: 404 in JSON', async (id) => {
    const strict = await strictConjur({}, SECRETS);
    const reply = await get(strict, one(id));
    expect([reply.status, JSON.parse(bodyOf(reply))]).toEqual([404, NOT_FOUND(`rehearsal:variable:${id}`)]);
  });

  test('without execute: 403 with nothing in it; hidden: 404', async () => {
    const seen = await get(await strictConjur({}, SECRETS, ['app/db']), one('app/db'));
    expect([seen.status, bodyOf(seen)]).toEqual([403, '']);
    const hidden = await get(await strictConjur({ hidden: 'true' }, SECRETS, ['app/db']), one('app/db'));
    expect(hidden.status).toBe(404);
  });

  test('writing: an empty value, no permission, a replica', async () => {
    expect(bodyOf(await write({}, ''))).toContain("'value' may not be empty");
    expect((await write({}, 'x')).status).toBe(403);
    const replica = await write({ replica: 'true' }, 'x');
    expect([replica.status, JSON.parse(bodyOf(replica))]).toEqual([
      405,
      { error: { code: 405, message: 'Write operations are not allowed' } },
    ]);
  });
});
