import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { countedReads } from '../../support/counted-reads.ts';
import { accessToken, CONTEXT, idToken, NOW, placeForTokens, SECRET, textOf } from '../../support/kept-tokens.ts';

const isRoot = process.getuid?.() === 0;
const place = placeForTokens();

function expectReplaced(file: string): void {
  const cache = place.open();
  expect(cache.get(CONTEXT, idToken())).toBeUndefined();
  expect(existsSync(file)).toBe(false);
  expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toBeUndefined();
  expect(textOf(cache.get(CONTEXT, idToken()))).toBe(SECRET);
  expect(cache.lines.filter((line) => line.includes('warning'))).toEqual([]);
}

describe('row 92: damage is a miss, and the next put replaces it', () => {
  test('cut at any byte', () => {
    const file = place.keepOne();
    const whole = readFileSync(file);
    const cache = place.open();
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length), { mode: 0o600 });
      expect(cache.get(CONTEXT, idToken()), `${length} bytes`).toBeUndefined();
      expect(existsSync(file)).toBe(false);
    }
  });

  test('any bit flipped', () => {
    const file = place.keepOne();
    const whole = readFileSync(file);
    const cache = place.open();
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
  ])('%s', (_, damage) => {
    const file = place.keepOne();
    damage(file);
    expectReplaced(file);
  });

  test('of a gigabyte no more is read than an entry may have', () => {
    const file = place.keepOne();
    truncateSync(file, 1_000_000_000);
    const { fs, bytes } = countedReads();
    expect(place.open({ fs }).get(CONTEXT, idToken())).toBeUndefined();
    expect(bytes()).toBeLessThan(256 * 1024);
    expect(existsSync(file)).toBe(false);
  });

  test('row 102: one of a newer version is a miss and is left alone', () => {
    const file = place.keepOne();
    const newer = Buffer.concat([Buffer.from([2, 253]), readFileSync(file).subarray(2)]);
    writeFileSync(file, newer);
    const cache = place.open();
    expect(cache.get(CONTEXT, idToken())).toBeUndefined();
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toMatch(/newer version/);
    expect(readFileSync(file)).toEqual(newer);
  });
});

const elsewhere = (): string => path.join(place.root, 'elsewhere');

function contentOf(file: string): Buffer | undefined {
  return existsSync(file) ? readFileSync(file) : undefined;
}

function replaceBy(file: string, plant: () => unknown): void {
  rmSync(file);
  plant();
}

function movedAway(file: string): void {
  renameSync(file, elsewhere());
  symlinkSync(elsewhere(), file);
}

describe('row 96: what is no plain file of ours is a miss, is not followed and does not hang', () => {
  test.each<[string, (file: string) => void]>([
    ['symbolic link to a good entry', movedAway],
    ['symbolic link to nothing', (file) => replaceBy(file, () => symlinkSync(elsewhere(), file))],
    ['symbolic link to a device', (file) => replaceBy(file, () => symlinkSync('/dev/zero', file))],
    ['hard link', (file) => linkSync(file, elsewhere())],
    ['FIFO', (file) => replaceBy(file, () => execFileSync('mkfifo', [file]))],
  ])('%s', (_, plant) => {
    const file = place.keepOne();
    plant(file);
    const cache = place.open();
    expect(cache.get(CONTEXT, idToken())).toBeUndefined();
    rmSync(elsewhere(), { force: true });
    plant(place.keepOne());
    const before = contentOf(elsewhere());
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0), 'written over it').toBeUndefined();
    expect(contentOf(elsewhere()), 'never written through').toEqual(before);
    expect(lstatSync(file)).toMatchObject({ nlink: 1 });
    expect(lstatSync(file).isFile()).toBe(true);
    expect(textOf(cache.get(CONTEXT, idToken()))).toBe(SECRET);
  });

  test('a directory in its place: nothing is kept, and that is one warning', () => {
    const file = place.keepOne();
    rmSync(file);
    mkdirSync(file);
    const cache = place.open();
    expect(cache.get(CONTEXT, idToken())).toBeUndefined();
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toMatch(/written/);
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toMatch(/written/);
    expect(cache.lines).toHaveLength(1);
    expect(readdirSync(place.directory), 'no temporary file is left').toHaveLength(1);
  });

  test.skipIf(!isRoot)('a file of another user, a device', () => {
    const file = place.keepOne();
    chownSync(file, 65_534, 65_534);
    expect(place.open().get(CONTEXT, idToken())).toBeUndefined();
    execFileSync('mknod', [file, 'c', '1', '5']);
    expect(place.open().get(CONTEXT, idToken())).toBeUndefined();
    expect(existsSync(file)).toBe(false);
  });
});

const DAY = 86_400;

function entry(index: number): string {
  return index.toString(16).padStart(32, '0');
}

function leave(name: string, ageSeconds: number): void {
  const file = path.join(place.directory, name);
  writeFileSync(file, 'x', { mode: 0o600 });
  utimesSync(file, NOW / 1000 - ageSeconds, NOW / 1000 - ageSeconds);
}

describe('what earlier runs left behind goes on a miss', () => {
  test('entries older than a day and temporary files of the dead, nothing else', () => {
    mkdirSync(place.directory, { mode: 0o700 });
    leave(entry(1), DAY + 60);
    leave(entry(2), DAY - 60);
    leave('notes.txt', 10 * DAY);
    leave(`${entry(3)}.bak`, 10 * DAY);
    leave(`.${entry(4)}.999999999.${'a'.repeat(16)}.tmp`, 1);
    leave(`.${entry(5)}.${process.pid}.${'a'.repeat(16)}.tmp`, 1);
    leave(`.${entry(6)}.${process.pid}.${'a'.repeat(16)}.tmp`, 601);
    leave(entry(7), 10 * DAY);
    linkSync(path.join(place.directory, entry(7)), path.join(place.root, 'link'));
    symlinkSync(path.join(place.root, 'link'), path.join(place.directory, entry(8)));
    place.open().get(CONTEXT, idToken());
    const left = [
      entry(2),
      entry(7),
      entry(8),
      `${entry(3)}.bak`,
      'notes.txt',
      `.${entry(5)}.${process.pid}.${'a'.repeat(16)}.tmp`,
    ];
    expect(readdirSync(place.directory).toSorted()).toEqual(left.toSorted());
  });

  test('at most 100 in one run, and none on a hit', () => {
    place.keepOne();
    for (let index = 0; index < 150; index++) leave(entry(index), 2 * DAY);
    place.open().get(CONTEXT, idToken());
    expect(readdirSync(place.directory)).toHaveLength(151);
    place.open().get({ ...CONTEXT, audience: 'other' }, idToken());
    expect(readdirSync(place.directory)).toHaveLength(51);
  });
});
