import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NotRead, type PlainFile, readPlainFile } from '../../../src/lib/plain-file.ts';

let folder = '';
const at = (name: string): string => path.join(folder, name);

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'plain-file-'));
  fs.writeFileSync(at('ten'), '0123456789');
  fs.writeFileSync(at('large'), Buffer.alloc(200_000, 'x'));
  fs.writeFileSync(at('empty'), '');
  fs.symlinkSync('ten', at('link'));
  fs.symlinkSync('circle', at('circle'));
  execFileSync('mkfifo', [at('fifo')]);
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

const read = (name: string, mostBytes: number, followsNoLink = false): PlainFile | NotRead =>
  readPlainFile(at(name), { mostBytes, followsNoLink }, fs);

const textOf = (file: PlainFile | NotRead): string => ('bytes' in file ? file.bytes.toString() : file.phrase);

describe('a regular file', () => {
  test.each([
    ['ten', 10, '0123456789'],
    ['ten', 1000, '0123456789'],
    ['ten', 9, '0123456789'],
    ['ten', 4, '01234'],
    ['link', 10, '0123456789'],
    ['empty', 10, ''],
  ])('%s, at most %i bytes and one that says that there is more', (name, mostBytes, text) => {
    expect(textOf(read(name, mostBytes))).toBe(text);
  });

  test('of several chunks is read whole', () => {
    expect(textOf(read('large', 200_000))).toBe('x'.repeat(200_000));
  });

  test('that grows once it was looked at is cut at the limit all the same', () => {
    const growing: typeof fs = {
      ...fs,
      fstatSync: ((descriptor: number) => {
        const stat = fs.fstatSync(descriptor);
        fs.appendFileSync(at('growing'), 'x'.repeat(1000));
        return stat;
      }) as typeof fs.fstatSync,
    };
    fs.writeFileSync(at('growing'), 'small');
    const file = readPlainFile(at('growing'), { mostBytes: 100 }, growing);
    expect(textOf(file)).toHaveLength(101);
  });
});

describe('anything else is not read', () => {
  test.each([
    ['missing', 'ENOENT'],
    ['ten/below', 'ENOTDIR'],
    ['circle', 'ELOOP'],
    ['.', undefined],
    ['fifo', undefined],
  ])('%s: %s', (name, code) => {
    expect(read(name, 10)).toMatchObject({ code });
  });

  test('a link where none may stand', () => {
    expect(read('link', 10, true)).toMatchObject({ code: 'ELOOP' });
    expect(textOf(read('ten', 10, true))).toBe('0123456789');
  });

  test('no descriptor is left open, whatever comes of it', () => {
    const open = (): number => fs.readdirSync('/proc/self/fd').length;
    const before = open();
    for (const name of ['ten', 'fifo', '.', 'missing']) read(name, 10);
    expect(open()).toBe(before);
  });

  test('a bug is no property of the file', () => {
    const broken: typeof fs = {
      ...fs,
      readSync: () => {
        throw new TypeError('a bug');
      },
    };
    expect(() => readPlainFile(at('ten'), { mostBytes: 10 }, broken)).toThrow(TypeError);
  });
});
