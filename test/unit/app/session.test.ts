import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { logIn } from '../../../src/app/login.ts';
import { logOut } from '../../../src/app/logout.ts';
import { openSession } from '../../../src/app/session.ts';
import { craftToken, fineClaims } from '../../support/craft.ts';
import {
  type Command,
  command,
  fetchOnce,
  kept,
  newDirectory,
  REF,
  refusalOf,
  rehearse,
  SECRET,
  setSessionStage,
  valueOf,
} from '../../support/session-stage.ts';

setSessionStage();

describe('one login per job', () => {
  test('three commands, one exchange; another job has its own', async () => {
    const rehearsal = await rehearse();
    for (let index = 0; index < 3; index++) expect(valueOf(await fetchOnce(await command(rehearsal)))).toBe(SECRET);
    expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 3 });
    const SECRETCTL_ID_TOKEN = await rehearsal.token({ jti: 'another job' });
    await fetchOnce(await command(rehearsal, { env: { SECRETCTL_ID_TOKEN } }));
    expect(rehearsal.report()).toMatchObject({ exchanges: 2, reads: 4 });
  });

  test('a session exchanges once for several fetches, and not at all for none', async () => {
    const rehearsal = await rehearse();
    const { parts } = await command(rehearsal, { general: { cache: false } });
    const session = await openSession(...parts);
    expect(await session.fetchSecrets([])).toEqual([]);
    expect(rehearsal.requests).toHaveLength(0);
    await session.fetchSecrets([REF]);
    await session.fetchSecrets([REF]);
    await session.close();
    expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 2 });
    expect(kept()).toEqual([]);
  });

  test('a kept token is used after the ID token itself has expired', async () => {
    const rehearsal = await rehearse({ lifetimeSeconds: 300 });
    await fetchOnce(await command(rehearsal));
    const world = { now: () => Date.now() + 390_000 };
    expect(valueOf(await fetchOnce(await command(rehearsal, { world })))).toBe(SECRET);
    expect(rehearsal.report().exchanges).toBe(1);
  });

  test('a kept token is not used for the token of another issuer than the one that is demanded', async () => {
    const rehearsal = await rehearse();
    await fetchOnce(await command(rehearsal));
    const demanding = (issuer: string): Command => ({ backend: { token: { env: 'SECRETCTL_ID_TOKEN', issuer } } });
    const other = command(rehearsal, demanding('https://other.example.com'));
    expect(await refusalOf(other.then(fetchOnce))).toMatchObject({ reason: 'TOKEN_ISSUER' });
    expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 1 });
    const iss = JSON.parse(
      Buffer.from(rehearsal.environment()['SECRETCTL_ID_TOKEN']?.split('.')[1] ?? '', 'base64url').toString(),
    ).iss;
    await fetchOnce(await command(rehearsal, demanding(iss)));
    expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 2 });
  });

  test('a token that a follower gave is found again while the leader is away', async () => {
    const rehearsal = await rehearse();
    const backend = { url: new URL('https://127.0.0.1:1'), fallbackUrls: [new URL(rehearsal.url)] };
    for (let index = 0; index < 2; index++)
      expect(valueOf(await fetchOnce(await command(rehearsal, { backend })))).toBe(SECRET);
    expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 2 });
    await logOut(...(await command(rehearsal, { backend })).parts);
    expect(kept()).toEqual([]);
  });

  test('both tokens are hidden from our own stderr before they are used', async () => {
    const rehearsal = await rehearse();
    const [first, second] = [await command(rehearsal), await command(rehearsal)];
    await fetchOnce(first);
    await fetchOnce(second);
    expect(first.hidden[0]).toBe(rehearsal.environment()['SECRETCTL_ID_TOKEN']);
    expect(first.hidden[1]).toContain('"payload"');
    expect(second.hidden).toEqual(first.hidden);
  });
});

describe('row 54: 401 to a kept token', () => {
  test('one new exchange, one retry, and the new token is kept', async () => {
    const rehearsal = await rehearse();
    await fetchOnce(await command(rehearsal));
    rehearsal.disturb('revoke-tokens');
    expect(valueOf(await fetchOnce(await command(rehearsal)))).toBe(SECRET);
    expect(rehearsal.report().exchanges).toBe(2);
    await fetchOnce(await command(rehearsal));
    expect(rehearsal.report().exchanges).toBe(2);
  });

  test('again to the new one: an end, and nothing stays kept', async () => {
    const rehearsal = await rehearse({ faults: ['read#2:401*99'] });
    await fetchOnce(await command(rehearsal));
    expect(await refusalOf(fetchOnce(await command(rehearsal)))).toMatchObject({ reason: 'AUTH_REFUSED' });
    expect(rehearsal.report()).toMatchObject({ exchanges: 2, reads: 3 });
    expect(kept()).toEqual([]);
  });

  test('to a token that is new anyway: no second exchange', async () => {
    const rehearsal = await rehearse({ faults: ['read:401'] });
    expect(await refusalOf(fetchOnce(await command(rehearsal)))).toMatchObject({ reason: 'AUTH_REFUSED' });
    expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 1 });
  });
});

describe('a refused exchange', () => {
  test('row 53: says what the token said, and is not tried in a loop', async () => {
    const rehearsal = await rehearse({ faults: ['exchange:401'] });
    const error = await refusalOf(fetchOnce(await command(rehearsal)));
    expect(error).toMatchObject({ reason: 'AUTH_REFUSED', exit: 77 });
    const details = error.facts.details?.join('\n');
    expect(details).toContain(`issuer: "${rehearsal.issuer}"`);
    expect(details).toMatch(/audience: .*\n\s*subject: .*\n\s*issued: .*\n(.*\n)*\s*algorithm: RS256/);
    expect(rehearsal.requests.length).toBeLessThanOrEqual(2);
    expect(kept()).toEqual([]);
  });

  test.each<[string, Command]>([
    ['ALG_REFUSED', { env: { SECRETCTL_ID_TOKEN: craftToken({ alg: 'ES256' }, fineClaims()) } }],
    ['TOKEN_AUDIENCE', { backend: { token: { audience: 'https://elsewhere.example.test' } } }],
    ['TOKEN_ISSUER', { backend: { token: { issuer: 'https://elsewhere.example.test' } } }],
    ['TOKEN_EXPIRED', { world: { now: () => Date.now() + 7 * 86_400_000 } }],
    ['TOKEN_MISSING', { env: { SECRETCTL_ID_TOKEN: undefined } }],
    ['CACHE_DIR', { general: { cacheDir: import.meta.dirname } }],
    ['ENDPOINT_NOT_ALLOWED', { env: { SECRETCTL_ALLOWED_ORIGINS: 'https://elsewhere.example.test' } }],
    ['ENDPOINT_NOT_ALLOWED', { env: { SECRETCTL_ALLOWED_ORIGINS: '' } }],
    ['CONFIG_INVALID', { env: { SECRETCTL_ALLOWED_ORIGINS: 'https://h.example.test/path' } }],
  ])('%s: not a packet', async (reason, one) => {
    const rehearsal = await rehearse();
    expect(await refusalOf(command(rehearsal, one).then(fetchOnce))).toMatchObject({ reason });
    expect(rehearsal.requests).toHaveLength(0);
  });
});

describe('warnings before a token leaves', () => {
  test('row 79: a server whose clock differs, with the number', async () => {
    const rehearsal = await rehearse({ serverClockMs: 20 * 60_000, lifetimeSeconds: 3600 });
    const run = await command(rehearsal);
    expect(valueOf(await fetchOnce(run))).toBe(SECRET);
    expect(run.warnings()).toMatch(/this machine's clock is (19|20) min behind the server's/);
    await fetchOnce(await command(rehearsal));
    expect(rehearsal.report().exchanges, 'kept all the same').toBe(1);
  });

  test('a token without an audience', async () => {
    const rehearsal = await rehearse({ claims: { aud: null } });
    const run = await command(rehearsal);
    await fetchOnce(run).catch(() => undefined);
    expect(run.warnings()).toMatch(/names no audience/);
  });
});

describe('single-use ID tokens', () => {
  test.each([
    [false, 2],
    [true, 1],
  ])('single-use %s: an exchange that is cut off is sent %i times', async (singleUse, times) => {
    const rehearsal = await rehearse({ faults: ['exchange#1:reset'] });
    await fetchOnce(await command(rehearsal, { backend: { singleUse } })).catch(() => undefined);
    expect(rehearsal.report().exchanges).toBe(times);
  });
});

describe('login and logout', () => {
  test('login exchanges and keeps; the next command only reads', async () => {
    const rehearsal = await rehearse();
    const login = await command(rehearsal);
    await logIn(...login.parts);
    expect(login.lines.filter((line) => /debug: logged in/.test(line))).toHaveLength(1);
    await fetchOnce(await command(rehearsal));
    expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 1 });
  });

  test.each<[string, Command, number]>([
    ['under --no-cache', { general: { cache: false } }, 0],
    ['with a directory that others may use', { general: { cacheDir: '/tmp' } }, 0],
  ])('login %s fails before a packet: it would leave nothing behind', async (_, one, packets) => {
    const rehearsal = await rehearse();
    expect(await refusalOf(command(rehearsal, one).then(({ parts }) => logIn(...parts)))).toMatchObject({
      reason: 'CACHE_DIR',
    });
    expect(rehearsal.requests).toHaveLength(packets);
  });

  test('logout forgets, and is content when nothing is kept', async () => {
    const rehearsal = await rehearse();
    await logIn(...(await command(rehearsal)).parts);
    expect(kept()).toHaveLength(1);
    for (let index = 0; index < 2; index++) {
      const run = await command(rehearsal);
      await logOut(...run.parts);
      expect(run.warnings()).toBe('');
      expect(run.lines).toContain(`secretctl: debug: logged out backend=conjur forgotten=${1 - index} revoked=0`);
      expect(kept()).toEqual([]);
    }
  });

  test('logout without the ID token forgets nothing and says so', async () => {
    const rehearsal = await rehearse();
    await logIn(...(await command(rehearsal)).parts);
    const run = await command(rehearsal, { env: { SECRETCTL_ID_TOKEN: undefined } });
    await logOut(...run.parts);
    expect(run.warnings()).toMatch(/no ID token \(TOKEN_MISSING\)/);
    expect(kept()).toHaveLength(1);
  });
});

describe('access tokens of parts', () => {
  test('each part is hidden, of a new one and of a kept one', async () => {
    const rehearsal = await rehearse({ backend: 'aws' });
    const first = await command(rehearsal);
    await fetchOnce(first);
    const whole = first.hidden.find((text) => text.includes('SecretAccessKey')) ?? '';
    const { SecretAccessKey, SessionToken } = JSON.parse(whole) as Record<string, string>;
    expect(first.hidden).toEqual(expect.arrayContaining([SecretAccessKey, SessionToken]));
    const second = await command(rehearsal);
    await fetchOnce(second);
    expect(rehearsal.report()).toMatchObject({ exchanges: 1 });
    expect(second.hidden).toEqual(expect.arrayContaining([SecretAccessKey, SessionToken]));
  });
});

describe("a product's own file that says where the ID token is", () => {
  test('is heeded where nobody else says it', async () => {
    const rehearsal = await rehearse({ backend: 'gcp' });
    const directory = newDirectory();
    const at = (name: string): string => path.join(directory, name);
    const env = rehearsal.environment();
    const provider = [
      `//iam.googleapis.com/projects/${env['GCP_PROJECT_NUMBER']}`,
      `locations/global/workloadIdentityPools/${env['GCP_WORKLOAD_IDENTITY_FEDERATION_POOL_ID']}`,
      `providers/${env['GCP_WORKLOAD_IDENTITY_FEDERATION_PROVIDER_ID']}`,
    ].join('/');
    const credentials = {
      type: 'external_account',
      audience: provider,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${rehearsal.url}/v1/token`,
      credential_source: { file: at('token.json'), format: { type: 'json', subject_token_field_name: 'id_token' } },
    };
    writeFileSync(at('credentials.json'), JSON.stringify(credentials));
    writeFileSync(at('token.json'), JSON.stringify({ id_token: env['SECRETCTL_ID_TOKEN'] }));
    const job = {
      GCP_PROJECT_NUMBER: undefined,
      GITLAB_CI: undefined,
      SECRETCTL_ID_TOKEN: undefined,
      GOOGLE_APPLICATION_CREDENTIALS: at('credentials.json'),
    };
    expect(valueOf(await fetchOnce(await command(rehearsal, { env: job })))).toBe(SECRET);
    writeFileSync(at('token.json'), '{"other":1}');
    expect(await refusalOf(fetchOnce(await command(rehearsal, { env: job })))).toMatchObject({ reason: 'TOKEN_FILE' });
  });
});

describe('reads that carry the ID token', () => {
  const INLINE = { SECRETCTL_VAULT_INLINE_AUTH: '1', SECRETCTL_VAULT_ENGINE: 'kv-v2' };

  test('nothing is exchanged, kept or to be revoked, and what is sent is hidden', async () => {
    const rehearsal = await rehearse({ backend: 'vault' });
    const run = await command(rehearsal, { env: INLINE });
    const session = await openSession(...run.parts);
    expect(valueOf(await session.fetchSecrets([REF]))).toBe(SECRET);
    expect(session.own()).toEqual([]);
    await session.close();
    expect(kept()).toEqual([]);
    expect(rehearsal.report()).toMatchObject({ exchanges: 0, reads: 1 });
    expect(run.hidden).toHaveLength(2);
  });

  test('a refusal says what the token said; login says that nothing is kept', async () => {
    const rehearsal = await rehearse({ backend: 'vault' });
    const SECRETCTL_ID_TOKEN = await rehearsal.token({ project_path: 'acme/other' });
    const error = await refusalOf(fetchOnce(await command(rehearsal, { env: { ...INLINE, SECRETCTL_ID_TOKEN } })));
    expect(error).toMatchObject({ reason: 'AUTH_REFUSED' });
    expect(error.facts.details?.join('\n')).toMatch(/what the refused ID token .* says:/);
    expect(await refusalOf(logIn(...(await command(rehearsal, { env: INLINE })).parts))).toMatchObject({
      reason: 'CACHE_DIR',
      message: expect.stringContaining('carries the ID token') as string,
    });
  });

  test('a server that does not know them is logged in to, and that is kept', async () => {
    const rehearsal = await rehearse({ backend: 'vault', options: new Map([['inline-auth', 'off']]) });
    expect(valueOf(await fetchOnce(await command(rehearsal, { env: INLINE })))).toBe(SECRET);
    expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 2 });
    expect(kept()).toHaveLength(1);
  });
});
