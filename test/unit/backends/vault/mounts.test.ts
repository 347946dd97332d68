import { describe, expect, test } from 'vitest';
import { refs } from '../../../support/rehearsed-backend.ts';
import { rehearse, told } from './rehearsed.ts';

const QUESTION = 'GET /v1/sys/internal/ui/mounts';

describe('which engine is mounted', () => {
  test.each([
    ['kv-v1', 'told', 'GET /v1/secret/app/key'],
    ['kv-v2', 'told', 'GET /v1/secret/data/app/key'],
    ['kv-v1', 'no-options', 'GET /v1/secret/app/key'],
    ['kv-v1', 'unknown', 'GET /v1/secret/app/key'],
    ['kv-v2', 'denied', 'GET /v1/secret/data/app/key'],
  ])('%s where the answer is "%s"', async (engine, mounts, read) => {
    const { fetch, taken } = await rehearse({ options: { engine, mounts } });
    expect((await fetch(refs('app/key'))).map(told)).toEqual(['third']);
    expect(taken().slice(1)).toEqual([`${QUESTION}/secret`, read]);
  });

  test.each([
    ['kv-v1', 'GET /v1/secret/app/key'],
    ['kv-v2', 'GET /v1/secret/data/app/key'],
  ])('%s that is set is not asked for', async (engine, read) => {
    const { fetch, taken, backend } = await rehearse({ options: { engine }, values: { engine } });
    expect((await fetch(refs('app/key'))).map(told)).toEqual(['third']);
    const sent = taken();
    expect(sent.slice(1)).toEqual([read]);
    expect(backend.plan(refs('app/key')).map(({ method, path }) => `${method} ${path}`)).toEqual(sent);
  });

  test('a wrong assumption is told with the way out', async () => {
    const { fetch } = await rehearse({ options: { engine: 'kv-v1', mounts: 'denied' } });
    expect((await fetch(refs('app/key'))).map(told)).toEqual([expect.stringContaining('set engine')]);
    const other = await rehearse({ options: { engine: 'kv-v2' }, values: { engine: 'kv-v1' } });
    expect((await other.fetch(refs('app/key'))).map(told)).toEqual([expect.stringContaining('engine must be kv-v2')]);
  });

  test('a mount in the paths, of several segments, is asked for once', async () => {
    const { fetch, taken, backend } = await rehearse({ options: { mount: 'team/kv', 'mount-in': 'path' } });
    const wanted = refs('team/kv/app/key', 'team/kv/app/db#user');
    expect((await fetch(wanted)).map(told)).toEqual(['third', 'shop']);
    expect(taken().slice(1)).toEqual([
      `${QUESTION}/team/kv/app/key`,
      'GET /v1/team/kv/data/app/key',
      'GET /v1/team/kv/data/app/db',
    ]);
    expect(backend.plan(wanted)[1]?.path).toBe('/v1/sys/internal/ui/mounts/team/kv/app/key');
  });

  test('different mounts are asked for each, whatever is mounted there', async () => {
    const { backend, logIn, taken } = await rehearse({ options: { 'mount-in': 'path' } });
    const accessToken = await logIn();
    taken();
    const outcomes = await backend.fetchSecrets(accessToken, refs('secret/app/key', 'database/creds/app#username'));
    expect(outcomes.map(told)).toEqual(['third', expect.stringMatching(/^v-jwt-/)]);
    expect(taken().filter((line) => line.startsWith(QUESTION))).toHaveLength(2);
  });

  test('an unknown mount is forbidden, as the server has it', async () => {
    const { fetch } = await rehearse({ options: { 'mount-in': 'path' } });
    expect((await fetch(refs('secret/app/key', 'other/app/key'))).map((one) => told(one).split(':', 1)[0])).toEqual([
      'third',
      'forbidden',
    ]);
  });
});

describe('namespaces', () => {
  test.each(['team/a', 'team@a/b'])('%s in the header', async (namespace) => {
    const { fetch, taken, backend } = await rehearse({ options: { namespace } });
    expect((await fetch(refs('app/key'))).map(told)).toEqual(['third']);
    expect(taken()[0]).toBe('POST /v1/auth/jwt/login');
    expect(backend.cacheContext).toContain(namespace);
  });

  test('in the path', async () => {
    const { fetch, taken, backend } = await rehearse({
      options: { namespace: 'team/a' },
      values: { 'namespace-in': 'path', engine: 'kv-v2' },
    });
    const wanted = refs('app/key');
    expect((await fetch(wanted)).map(told)).toEqual(['third']);
    const sent = taken();
    expect(sent).toEqual(['POST /v1/team/a/auth/jwt/login', 'GET /v1/team/a/secret/data/app/key']);
    expect(backend.plan(wanted).map(({ method, path }) => `${method} ${path}`)).toEqual(sent);
  });

  test('in the paths of the secrets, where the server names the mount without it', async () => {
    const { fetch, taken } = await rehearse({
      options: { namespace: 'team/a', 'auth-in': 'root', 'mount-in': 'path' },
    });
    expect((await fetch(refs('team/a/secret/app/key'))).map(told)).toEqual(['third']);
    expect(taken()).toEqual([
      'POST /v1/auth/jwt/login',
      `${QUESTION}/team/a/secret/app/key`,
      'GET /v1/team/a/secret/data/app/key',
    ]);
  });

  test('a login outside the namespace is refused', async () => {
    const { logIn } = await rehearse({ options: { namespace: 'team' }, values: { namespace: 'other' } });
    await expect(logIn()).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
  });
});
