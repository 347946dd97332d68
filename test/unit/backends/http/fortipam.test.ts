import { describe, expect, test } from 'vitest';
import { AccessTokenRefused } from '../../../../src/backends/types.ts';
import { bytesTold as told, PLAYERS, SECRETS } from '../../../support/fortipam-players.ts';
import { refs } from '../../../support/rehearsed-backend.ts';

describe.each(PLAYERS.map((player) => [player.name, player] as const))('FortiPAM %s', (_, { rehearse }) => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['as it is', {}],
    ['with records of version 1.3', { shape: 'field-list' }],
    ['with exact field names', { fieldname: 'exact' }],
    ['with an api-user', { user: 'ci' }],
    ['with its token deeper down', { 'answer-field': 'results.access_token' }],
    ['with a required check-out', { checkout: 'required' }],
  ])('%s: values, fields, ids, what is missing and what is forbidden', async (__, options) => {
    const { fetch } = await rehearse({ options, forbidden: new Set(['prod/private']) });
    const wanted = refs(
      'prod/web/password',
      '100',
      'prod/db/record#user',
      'prod/db/password#Password',
      'prod/none',
      'prod/private',
    );
    const record = SECRETS['prod/db/record'];
    const web = Buffer.from(SECRETS['prod/web/password']).toString('latin1');
    const outcomes = told(await fetch(wanted));
    expect(outcomes).toEqual([web, 'first value', 'shop', 'first value', 'missing', 'forbidden']);
    expect(told(await fetch(refs('prod/db/record', 'prod/db/record#nothing', '99999')))).toEqual([
      record,
      'missing',
      'missing',
    ]);
  });

  test('nothing stays checked out, and a check-out that is refused is the answer', async () => {
    const { fetch, rehearsal } = await rehearse({ options: { checkout: 'required' } });
    expect(told(await fetch(refs('prod/db/password')))).toEqual(['first value']);
    const steps = rehearsal.requests
      .map(({ path }) => /secret-(check\w+)$/.exec(path)?.[1])
      .filter((step) => step !== undefined);
    expect(steps).toEqual(['checkout', 'checkin']);
    const held = await rehearse({ options: { checkout: 'held' } });
    const outcomes = await held.fetch(refs('prod/db/password'));
    expect(outcomes).toMatchObject([{ refusal: 'forbidden', reason: expect.stringContaining('already checked out') }]);
    expect(held.rehearsal.requests.filter(({ path }) => path.endsWith('checkin'))).toEqual([]);
  });

  test('a failing check-in changes no result and is warned of', async () => {
    const { fetch, lines, http: client } = await rehearse({ options: { checkout: 'required' } });
    const send = client.send.bind(client);
    Object.assign(client, {
      send: (request: Parameters<typeof send>[0]) =>
        send({ ...request, path: request.path.replace('checkin', 'check') }),
    });
    expect(told(await fetch(refs('prod/db/password')))).toEqual(['first value']);
    expect(lines.join('\n')).toContain('could not be checked in again');
  });

  test('bytes come back where base64 is asked for', async () => {
    const bytes = Buffer.from([0, 255, 254, 10, 13, 128]);
    const { fetch } = await rehearse({ secrets: { 'prod/bytes': bytes }, values: { 'secret-encoding': 'base64' } });
    expect(told(await fetch(refs('prod/bytes')))).toEqual([bytes.toString('latin1')]);
  });

  test.each<[string, number]>([
    ['none', 600_000],
    ['seconds', 300_000],
    ['date', 300_000],
  ])('the end of the access token (%s)', async (expiry, lifeMs) => {
    const { logIn } = await rehearse({ options: { expiry, 'token-lifetime': '300' } });
    const left = ((await logIn()).expiresAtMs ?? 0) - Date.now();
    expect(left).toBeGreaterThan(lifeMs - 5000);
    expect(left).toBeLessThan(lifeMs + 5000);
  });

  test.each(['401', 'page'])('a token that ended (%s) is told from every other refusal', async (stale) => {
    const { backend, logIn, rehearsal } = await rehearse({ options: { stale } });
    const accessToken = await logIn();
    rehearsal.disturb('revoke-tokens');
    await expect(backend.fetchSecrets(accessToken, refs('prod/db/password'))).rejects.toBeInstanceOf(
      AccessTokenRefused,
    );
  });

  test('a refused login is tried once, and a lock-out is a lock-out', async () => {
    const { exchange, idToken, rehearsal } = await rehearse({ options: { lockout: '1' } });
    const stranger = await idToken({ project_path: 'acme/other' });
    await expect(exchange(stranger)).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
    await expect(exchange(stranger)).rejects.toMatchObject({ reason: 'LOCKED_OUT' });
    expect(rehearsal.requests).toHaveLength(2);
  });

  test.each([
    'html',
    'empty',
    'cut',
    'badjson',
    'gzip',
    '200;body=null',
    '200;body={}',
    '200;body={"results":[],"error":2}',
  ])('%s never becomes a value', async (fault) => {
    const { backend, logIn } = await rehearse({ faults: [`read:${fault}`] });
    const accessToken = await logIn();
    const ending = await backend.fetchSecrets(accessToken, refs('prod/db/password')).then(told, () => 'refused');
    expect(ending).toBe('refused');
  });
});
