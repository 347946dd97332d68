import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CacheContext, openTokenCache, type TokenCache } from '../../../src/app/token-cache.ts';
import { readToken } from '../../../src/lib/jwt.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import type { AccessToken, SubjectToken } from '../../../src/lib/tokens.ts';
import { canary, findLeaksBelow } from '../../support/canaries.ts';
import { craftToken, fineClaims, RS256 } from '../../support/craft.ts';
import { invocationIn, type World } from '../../support/invocation.ts';

// The real time, because files carry it.
const NOW = Date.now();
const isRoot = process.getuid?.() === 0;

let root = '';
let directory = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'token-cache-'));
  directory = path.join(root, 'cache');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const CONTEXT: CacheContext = {
  backend: 'conjur',
  endpoint: new URL('https://conjur.example.test/api'),
  bindings: ['authn-jwt/gitlab', 'prod', ''],
  audience: 'https://conjur.example.test',
  trust: ['system', ''],
  serverName: '',
};

function idToken(changes: Readonly<Record<string, unknown>> = {}, header: unknown = RS256): SubjectToken {
  return readToken(
    new Sensitive(craftToken(header, fineClaims({ jti: 'one', ...changes, iat: 1, nbf: 1, exp: 2 }))),
    'x',
  );
}

const SECRET = canary();

function accessToken(lifetimeSeconds = 480): AccessToken {
  return { value: new Sensitive(SECRET), expiresAtMs: NOW + lifetimeSeconds * 1000, lifetimeSeconds };
}

interface Opened extends TokenCache {
  readonly lines: readonly string[];
}

/** A command of the job: its cache, at a time on its clock, and what it said. */
function open(world: World = {}, cacheDir: string | undefined = directory): Opened {
  const invocation = invocationIn({ now: () => NOW, ...world });
  return { ...openTokenCache({ cache: true, cacheDir }, invocation), lines: invocation.lines };
}

function value(token: AccessToken | undefined): string | undefined {
  return token?.value.reveal().toString();
}

/** Keeps one token and says which file holds it. */
function keepOne(context = CONTEXT, job = idToken()): string {
  const before = existsSync(directory) ? readdirSync(directory) : [];
  expect(open().put(context, job, accessToken(), 0)).toBeUndefined();
  const [name = ''] = readdirSync(directory).filter((entry) => !before.includes(entry));
  return path.join(directory, name);
}

describe('a kept token', () => {
  test('is found by the next command of the job, and by it alone', () => {
    keepOne();
    expect(open().get(CONTEXT, idToken())).toEqual(accessToken());
    expect(open().get(CONTEXT, idToken({ jti: 'another job' }))).toBeUndefined();
    expect(value(open().get(CONTEXT, idToken())), 'the entry of the first job is untouched').toBe(SECRET);
  });

  test('lies in one 0600 file of a 0700 directory whose name and bytes say nothing', () => {
    const file = keepOne();
    expect(readdirSync(directory)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const jwt = idToken().jwt.reveal().toString();
    expect(findLeaksBelow(directory, [SECRET, ...jwt.split('.'), 'conjur.example.test'])).toEqual([]);
    expect([...readFileSync(file).subarray(0, 3)]).toEqual([1, 254, 1]);
  });

  test('has a salt and so a key of its own each time it is written', () => {
    const first = readFileSync(keepOne());
    rmSync(directory, { recursive: true });
    const second = readFileSync(keepOne());
    expect(second.subarray(3, 35)).not.toEqual(first.subarray(3, 35));
    expect(second.subarray(35)).not.toEqual(first.subarray(35));
  });

  test('is replaced by a newer one', () => {
    keepOne();
    const cache = open();
    cache.put(CONTEXT, idToken(), { ...accessToken(), value: new Sensitive('newer') }, 0);
    expect(value(cache.get(CONTEXT, idToken()))).toBe('newer');
    expect(readdirSync(directory)).toHaveLength(1);
  });

  test('may hold any bytes', () => {
    const bytes = Buffer.from([0, 255, 10, 34, 200]);
    const cache = open();
    cache.put(CONTEXT, idToken(), { ...accessToken(), value: new Sensitive(bytes) }, 0);
    expect(cache.get(CONTEXT, idToken())?.value.reveal()).toEqual(bytes);
  });

  test('is forgotten, and taken once to be revoked', () => {
    keepOne();
    open().forget(CONTEXT, idToken());
    expect(readdirSync(directory)).toEqual([]);
    open().forget(CONTEXT, idToken());
    keepOne();
    expect(value(open().take(CONTEXT, idToken()))).toBe(SECRET);
    expect(readdirSync(directory)).toEqual([]);
    expect(open().take(CONTEXT, idToken())).toBeUndefined();
  });
});

describe('row 93: each part of the context has an entry of its own', () => {
  const changes: readonly (readonly [string, Partial<CacheContext>])[] = [
    ['backend', { backend: 'fortipam' }],
    ['scheme', { endpoint: new URL('http://conjur.example.test/api') }],
    ['host', { endpoint: new URL('https://conjur2.example.test/api') }],
    ['port', { endpoint: new URL('https://conjur.example.test:8443/api') }],
    ['base path', { endpoint: new URL('https://conjur.example.test/') }],
    ['authenticator', { bindings: ['authn-jwt/jenkins', 'prod', ''] }],
    ['account', { bindings: ['authn-jwt/gitlab', 'staging', ''] }],
    ['identity', { bindings: ['authn-jwt/gitlab', 'prod', 'host/x'] }],
    ['number of bindings', { bindings: ['authn-jwt/gitlab', 'prod'] }],
    ['border between bindings', { bindings: ['authn-jwt/gitlabprod', '', ''] }],
    ['audience', { audience: 'other' }],
    ['CA', { trust: ['0123', ''] }],
    ['client certificate', { trust: ['system', '0123'] }],
    ['border between the two', { trust: ['', 'system'] }],
    ['server name', { serverName: 'conjur' }],
  ];

  test.each(changes)('%s', (_, change) => {
    keepOne();
    const other = { ...CONTEXT, ...change };
    expect(open().get(other, idToken())).toBeUndefined();
    keepOne(other);
    expect(readdirSync(directory)).toHaveLength(2);
  });

  test('the default port said or not is one context', () => {
    keepOne();
    expect(
      open().get({ ...CONTEXT, endpoint: new URL('https://conjur.example.test:443/api') }, idToken()),
    ).toBeDefined();
  });

  test.each<[string, CacheContext, SubjectToken]>([
    ['another context', { ...CONTEXT, audience: 'other' }, idToken()],
    ['another job', CONTEXT, idToken({ jti: 'two' })],
  ])('an entry of %s under our name is a miss', (_, context, job) => {
    const ours = keepOne();
    const theirs = keepOne(context, job);
    renameSync(theirs, ours);
    expect(open().get(CONTEXT, idToken())).toBeUndefined();
    expect(existsSync(ours), 'and is gone').toBe(false);
  });
});

describe('when a kept token is used', () => {
  test.each([
    ['480 s: up to 15 % before its end', 480, 407, 409],
    ['100 s: up to 30 s before its end', 100, 69, 71],
  ])('%s', (_, lifetime, used, notUsed) => {
    open().put(CONTEXT, idToken(), accessToken(lifetime), 0);
    expect(open({ now: () => NOW + used * 1000 }).get(CONTEXT, idToken())).toBeDefined();
    expect(open({ now: () => NOW + notUsed * 1000 }).get(CONTEXT, idToken())).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each([
    ['one that does not say when it ends', { ...accessToken(), expiresAtMs: undefined }, /does not say/],
    ['one that would never be used', accessToken(29), /29 s only/],
    ['one that is over', accessToken(-5), /only/],
  ])('%s is not kept', (_, token, why) => {
    const cache = open();
    expect(cache.put(CONTEXT, idToken(), token, 0)).toMatch(why);
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each(['HS256', 'hs512'])('none is kept for a test token signed with %s, whose secret may be guessed', (alg) => {
    const cache = open();
    expect(cache.put(CONTEXT, idToken({}, { alg }), accessToken(), 0)).toMatch(/test token/);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('the end is judged on the server clock that came with it', () => {
    open().put(CONTEXT, idToken(), accessToken(), 20 * 60_000);
    expect(open().get(CONTEXT, idToken())).toEqual(accessToken());
    expect(open({ now: () => NOW + 409_000 }).get(CONTEXT, idToken())).toBeUndefined();
  });

  test('row 101: one from the future is a miss', () => {
    keepOne();
    expect(open({ now: () => NOW - 4000 }).get(CONTEXT, idToken()), 'a step of the clock').toBeDefined();
    expect(open({ now: () => NOW - 86_400_000 }).get(CONTEXT, idToken())).toBeUndefined();
  });

  test('to be revoked it is taken until its very end', () => {
    keepOne();
    expect(open({ now: () => NOW + 479_000 }).take(CONTEXT, idToken())).toBeDefined();
    keepOne();
    expect(open({ now: () => NOW + 480_000 }).take(CONTEXT, idToken())).toBeUndefined();
  });
});

describe('row 92: damage is a miss, and the next put replaces it', () => {
  function expectReplaced(file: string): void {
    const cache = open();
    expect(cache.get(CONTEXT, idToken())).toBeUndefined();
    expect(existsSync(file)).toBe(false);
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toBeUndefined();
    expect(value(cache.get(CONTEXT, idToken()))).toBe(SECRET);
    expect(cache.lines.filter((line) => line.includes('warning'))).toEqual([]);
  }

  test('cut at any byte', () => {
    const file = keepOne();
    const whole = readFileSync(file);
    const cache = open();
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length), { mode: 0o600 });
      expect(cache.get(CONTEXT, idToken()), `${length} bytes`).toBeUndefined();
      expect(existsSync(file)).toBe(false);
    }
  });

  test('any bit flipped', () => {
    const file = keepOne();
    const whole = readFileSync(file);
    const cache = open();
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      writeFileSync(file, flipped, { mode: 0o600 });
      expect(cache.get(CONTEXT, idToken()), `bit ${bit}`).toBeUndefined();
      expect(existsSync(file), `bit ${bit}`).toBe(false);
    }
  });

  test.each<[string, (file: string) => void]>([
    ['longer', (file) => appendFileSync(file, 'x')],
    ['empty', (file) => truncateSync(file)],
    ['zeros', (file) => writeFileSync(file, Buffer.alloc(300))],
    ['text', (file) => writeFileSync(file, '{"token":"x"}'.repeat(20))],
    ['readable by others', (file) => chmodSync(file, 0o644)],
    ['a gigabyte', (file) => truncateSync(file, 1_000_000_000)],
  ])('%s', (_, damage) => {
    const file = keepOne();
    damage(file);
    const start = performance.now();
    expectReplaced(file);
    expect(performance.now() - start).toBeLessThan(200);
  });

  test('row 102: one of a newer version is a miss and is left alone', () => {
    const file = keepOne();
    const newer = Buffer.concat([Buffer.from([2, 253]), readFileSync(file).subarray(2)]);
    writeFileSync(file, newer);
    const cache = open();
    expect(cache.get(CONTEXT, idToken())).toBeUndefined();
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toMatch(/newer version/);
    expect(readFileSync(file)).toEqual(newer);
  });
});

describe('row 96: what is no plain file of ours is a miss, is not followed and does not hang', () => {
  const elsewhere = (): string => path.join(root, 'elsewhere');
  const contentOf = (file: string): Buffer | undefined => (existsSync(file) ? readFileSync(file) : undefined);

  test.each<[string, (file: string) => void]>([
    ['symbolic link to a good entry', (file) => (renameSync(file, elsewhere()), symlinkSync(elsewhere(), file))],
    ['symbolic link to nothing', (file) => (rmSync(file), symlinkSync(elsewhere(), file))],
    ['symbolic link to a device', (file) => (rmSync(file), symlinkSync('/dev/zero', file))],
    ['hard link', (file) => linkSync(file, elsewhere())],
    ['FIFO', (file) => (rmSync(file), execFileSync('mkfifo', [file]))],
  ])('%s', (_, plant) => {
    const file = keepOne();
    plant(file);
    const cache = open();
    expect(cache.get(CONTEXT, idToken())).toBeUndefined();
    rmSync(elsewhere(), { force: true });
    plant(keepOne());
    const before = contentOf(elsewhere());
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0), 'written over it').toBeUndefined();
    expect(contentOf(elsewhere()), 'never written through').toEqual(before);
    expect(lstatSync(file)).toMatchObject({ nlink: 1 });
    expect(lstatSync(file).isFile()).toBe(true);
    expect(value(cache.get(CONTEXT, idToken()))).toBe(SECRET);
  });

  test('a directory in its place: nothing is kept, and that is one warning', () => {
    const file = keepOne();
    rmSync(file);
    mkdirSync(file);
    const cache = open();
    expect(cache.get(CONTEXT, idToken())).toBeUndefined();
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toMatch(/written/);
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toMatch(/written/);
    expect(cache.lines).toHaveLength(1);
    expect(readdirSync(directory), 'no temporary file is left').toHaveLength(1);
  });

  test.skipIf(!isRoot)('a file of another user, a device', () => {
    const file = keepOne();
    chownSync(file, 65_534, 65_534);
    expect(open().get(CONTEXT, idToken())).toBeUndefined();
    execFileSync('mknod', [file, 'c', '1', '5']);
    expect(open().get(CONTEXT, idToken())).toBeUndefined();
    expect(existsSync(file)).toBe(false);
  });
});

describe('what earlier runs left behind goes on a miss', () => {
  const DAY = 86_400;
  const hex = (index: number): string => index.toString(16).padStart(32, '0');

  function plant(name: string, ageSeconds: number, mode = 0o600): void {
    const file = path.join(directory, name);
    writeFileSync(file, 'x', { mode });
    utimesSync(file, NOW / 1000 - ageSeconds, NOW / 1000 - ageSeconds);
  }

  test('entries older than a day and temporary files of the dead, nothing else', () => {
    mkdirSync(directory, { mode: 0o700 });
    plant(hex(1), DAY + 60);
    plant(hex(2), DAY - 60);
    plant('notes.txt', 10 * DAY);
    plant(`${hex(3)}.bak`, 10 * DAY);
    plant(`.${hex(4)}.999999999.${'a'.repeat(16)}.tmp`, 1);
    plant(`.${hex(5)}.${process.pid}.${'a'.repeat(16)}.tmp`, 1);
    plant(`.${hex(6)}.${process.pid}.${'a'.repeat(16)}.tmp`, 601);
    plant(hex(7), 10 * DAY);
    linkSync(path.join(directory, hex(7)), path.join(root, 'link'));
    symlinkSync(path.join(root, 'link'), path.join(directory, hex(8)));
    open().get(CONTEXT, idToken());
    const left = [
      hex(2),
      hex(7),
      hex(8),
      `${hex(3)}.bak`,
      'notes.txt',
      `.${hex(5)}.${process.pid}.${'a'.repeat(16)}.tmp`,
    ];
    expect(readdirSync(directory).toSorted()).toEqual(left.toSorted());
  });

  test('at most 100 in one run, and none on a hit', () => {
    keepOne();
    for (let index = 0; index < 150; index++) plant(hex(index), 2 * DAY);
    open().get(CONTEXT, idToken());
    expect(readdirSync(directory)).toHaveLength(151);
    open().get({ ...CONTEXT, audience: 'other' }, idToken());
    expect(readdirSync(directory)).toHaveLength(51);
  });
});

test('under --no-cache nothing is kept, looked for or said', () => {
  const invocation = invocationIn({ env: { HOME: root } });
  const cache = openTokenCache({ cache: false, cacheDir: directory }, invocation);
  expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toBeDefined();
  expect(cache.get(CONTEXT, idToken())).toBeUndefined();
  expect(existsSync(directory)).toBe(false);
  expect(invocation.lines).toEqual([]);
});
