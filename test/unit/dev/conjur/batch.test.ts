import { describe, expect, test } from 'vitest';
import type { ServerReply } from '../../../../src/dev/types.ts';
import { bodyOf, type StrictConjur, strictConjur } from './strict-conjur.ts';

const BINARY = Buffer.from([0, 255, 254, 13, 10, 0]);
const SECRETS = {
  'app/db': ['one', 'two', 'three'],
  'app/user': ['alice'],
  'app/binary': [BINARY],
  'app/unset': [],
  'a b%+#?@:é,ü//x': ['odd'],
};

const get = async (strict: StrictConjur, target: string, headers: Record<string, string> = {}): Promise<ServerReply> =>
  strict.send({ target, headers: { ...(await strict.authorization()), ...headers } });

const batch = (...ids: string[]): string =>
  `/secrets?variable_ids=${ids.map((id) => encodeURIComponent(`rehearsal:variable:${id}`)).join(',')}`;
const NOT_FOUND = (id: string): unknown => ({
  error: { code: 'not_found', message: `CONJ00076E Variable ${id} is empty or not found.` },
});

describe('batch read, first API', () => {
  const base64 = { 'accept-encoding': 'base64' };

  test.each(['base64', 'BASE64'])('the whole header %s: MIME base64 in JSON', async (accepted) => {
    const strict = await strictConjur({}, { ...SECRETS, wide: ['x'.repeat(100)] });
    const reply = await get(strict, batch('app/binary', 'wide'), { 'accept-encoding': accepted });
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-encoding': 'base64',
    });
    const encoded = Buffer.from('x'.repeat(100)).toString('base64');
    expect(JSON.parse(bodyOf(reply))).toEqual({
      'rehearsal:variable:app/binary': `${BINARY.toString('base64')}\n`,
      'rehearsal:variable:wide': [0, 60, 120].map((at) => `${encoded.slice(at, at + 60)}\n`).join(''),
    });
  });

  test.each([undefined, 'base64, gzip', '*', 'base64;q=1'])(
    'Accept-Encoding %s: plain, and 406 for what is no text',
    async (accepted) => {
      const strict = await strictConjur({}, SECRETS);
      const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
      const reply = await get(strict, batch('app/db', 'app/user'), headers);
      expect(reply.headers?.['content-encoding']).toBeUndefined();
      expect(JSON.parse(bodyOf(reply))).toEqual({
        'rehearsal:variable:app/db': 'three',
        'rehearsal:variable:app/user': 'alice',
      });
      const refused = await get(strict, batch('app/db', 'app/binary'), headers);
      expect([refused.status, bodyOf(refused)]).toEqual([406, expect.stringContaining('CONJ00074E')]);
    },
  );

  test('a rewriting proxy drops the header of the answer', async () => {
    const strict = await strictConjur({ 'rewriting-proxy': 'true' }, SECRETS);
    const reply = await get(strict, batch('app/db', 'app/user'), base64);
    expect(reply.headers?.['content-encoding']).toBeUndefined();
    expect(bodyOf(reply)).toContain(Buffer.from('three').toString('base64'));
  });

  test.each(['/secrets', '/secrets?variable_ids=', `${batch('app/db')},,x`])('422: %s', async (target) => {
    const reply = await get(await strictConjur({}, SECRETS), target, base64);
    expect([reply.status, bodyOf(reply)]).toEqual([422, expect.stringContaining('variable_ids')]);
  });

  test('an id with a comma cannot be asked for, encoded or not', async () => {
    const strict = await strictConjur({}, { 'a,b': ['x'] });
    const reply = await get(strict, '/secrets?variable_ids=rehearsal%3Avariable%3Aa%2Cb', base64);
    expect([reply.status, JSON.parse(bodyOf(reply))]).toEqual([404, NOT_FOUND('rehearsal:variable:a')]);
  });

  test.each([
    ['the first missing one is named', ['app/db', 'x', 'y'], 'rehearsal:variable:x'],
    ['one without a value', ['app/db', 'app/unset'], 'rehearsal:variable:app/unset'],
  ])('404: %s', async (_, ids, named) => {
    const reply = await get(await strictConjur({}, SECRETS), batch(...ids), base64);
    expect([reply.status, JSON.parse(bodyOf(reply))]).toEqual([404, NOT_FOUND(named)]);
  });

  test('an id that is not complete is not found', async () => {
    const reply = await get(await strictConjur({}, SECRETS), '/secrets?variable_ids=app%2Fdb', base64);
    expect(JSON.parse(bodyOf(reply))).toEqual(NOT_FOUND('app/db'));
  });

  test('duplicates: 500 on open source, 400 on SaaS', async () => {
    const oss = await get(await strictConjur({}, SECRETS), batch('app/db', 'app/db'), base64);
    expect(oss.status).toBe(500);
    const saas = await strictConjur({ edition: 'saas' }, SECRETS);
    const ids = 'conjur:variable:app/db,conjur:variable:app/db';
    const reply = await get(saas, `/api/secrets?variable_ids=${ids}`, base64);
    expect([reply.status, bodyOf(reply)]).toEqual([400, expect.stringContaining('CONJ00160E')]);
  });

  test('forbidden and missing at once: 403 on open source, even if hidden; 404 on SaaS', async () => {
    for (const hidden of ['true', 'false']) {
      const oss = await strictConjur({ hidden }, SECRETS, ['app/db']);
      expect((await get(oss, batch('none', 'app/db'), base64)).status).toBe(403);
    }
    const saas = await strictConjur({ edition: 'saas' }, SECRETS, ['app/db']);
    const target = '/api/secrets?variable_ids=conjur:variable:app/db,conjur:variable:none';
    expect((await get(saas, target, base64)).status).toBe(404);
  });

  test('a line that is too long: 414 by nginx, 400 behind it', async () => {
    const long = batch('x'.repeat(200));
    expect((await get(await strictConjur({ 'request-line-limit': '200' }, SECRETS), long, base64)).status).toBe(414);
    const wide = await strictConjur({ 'request-line-limit': '12288' }, SECRETS);
    expect((await get(wide, batch('x'.repeat(11_000)), base64)).status).toBe(400);
    expect((await get(await strictConjur({}, SECRETS), batch('x'.repeat(9000)), base64)).status).toBe(414);
  });
});

describe('batch read, second API', () => {
  const TYPE = 'application/x.secretsmgr.v2beta+json';
  const post = async (
    strict: StrictConjur,
    ids: unknown,
    headers: Record<string, string> = { accept: TYPE },
    target = '/api/secrets/values',
  ) =>
    strict.send({
      method: 'POST',
      target,
      headers: { ...(await strict.authorization()), ...headers },
      body: Buffer.from(JSON.stringify({ ids })),
    });

  test('each id has its own status; what is no text is spoilt', async () => {
    const strict = await strictConjur({ edition: 'saas' }, SECRETS, ['app/user']);
    const reply = await post(strict, ['app/db', 'app/user', 'none', 'app/unset', 'app/binary', 'a b%+#?@:é,ü//x']);
    expect([reply.status, reply.headers?.['content-type']]).toEqual([200, TYPE]);
    expect(JSON.parse(bodyOf(reply))).toEqual({
      secrets: [
        { id: 'app/db', value: 'three', status: 200 },
        { id: 'app/user', value: '', status: 403 },
        { id: 'none', value: '', status: 404 },
        { id: 'app/unset', value: '', status: 404 },
        { id: 'app/binary', value: '\0\uFFFD\uFFFD\r\n\0', status: 200 },
        { id: 'a b%+#?@:é,ü//x', value: 'odd', status: 200 },
      ],
    });
  });

  test('refusals', async () => {
    const strict = await strictConjur({ edition: 'saas' }, SECRETS);
    const wrong = await post(strict, ['app/db'], { accept: 'application/json' });
    expect([wrong.status, JSON.parse(bodyOf(wrong))]).toEqual([
      400,
      { code: '400', message: expect.stringMatching(/^CONJ00194W/) },
    ]);
    expect(
      (
        await post(
          strict,
          Array.from({ length: 251 }, (_, index) => `id-${index}`),
        )
      ).status,
    ).toBe(422);
    expect(
      (
        await post(
          strict,
          Array.from({ length: 250 }, (_, index) => `id-${index}`),
        )
      ).status,
    ).toBe(200);
    expect((await post(strict, [])).status).toBe(422);
    expect((await post(strict, 'app/db')).status).toBe(400);
    expect((await post(strict, ['app/db', 'app/db'])).status).toBe(400);
    const nobody = await strict.send({ method: 'POST', target: '/api/secrets/values', headers: { accept: TYPE } });
    expect([nobody.status, bodyOf(nobody)]).toEqual([401, '']);
  });

  test('404 where there is none', async () => {
    expect((await post(await strictConjur({}, SECRETS), ['app/db'], { accept: TYPE }, '/secrets/values')).status).toBe(
      404,
    );
    expect((await post(await strictConjur({ edition: 'edge' }, SECRETS), ['app/db'])).status).toBe(404);
    expect((await post(await strictConjur({ edition: 'saas', v2: 'false' }, SECRETS), ['app/db'])).status).toBe(404);
  });
});
