import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasEnded, writePrivateFile } from '../../../src/lib/private-file.ts';
import type { FileSystem } from '../../../src/lib/runtime.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'private-file-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const BYTES = Buffer.from('new');

describe('writePrivateFile', () => {
  test('a new file, 0600 whatever the umask', () => {
    const file = path.join(folder, 'new');
    const script = `process.umask(0o277); (await import('${path.join(import.meta.dirname, '../../../src/lib/private-file.ts')}'))
      .writePrivateFile('${file}', Buffer.from('new'), await import('node:fs'));`;
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stderr).toBe('');
    expect(fs.readFileSync(file, 'utf8')).toBe('new');
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  test.each<[string, (file: string) => void]>([
    ['a file', (file) => fs.writeFileSync(file, 'old')],
    ['a link to a file', (file) => fs.symlinkSync(path.join(folder, 'target'), file)],
  ])('%s that is there already is left as it is', (what, plant) => {
    fs.writeFileSync(path.join(folder, 'target'), 'old');
    const file = path.join(folder, `there ${what}`);
    plant(file);
    expect(() => writePrivateFile(file, BYTES, fs)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(fs.readFileSync(file, 'utf8')).toBe('old');
  });

  test.each(['fchmodSync', 'writeFileSync', 'fsyncSync', 'closeSync'] as const)(
    'when %s fails, nothing is left behind and the failure goes on',
    (operation) => {
      const file = path.join(folder, `failing ${operation}`);
      const failure = Object.assign(new Error('no'), { code: 'EIO' });
      const failing: FileSystem = {
        ...fs,
        [operation]: () => {
          throw failure;
        },
      };
      expect(() => writePrivateFile(file, BYTES, failing)).toThrow(failure);
      expect(fs.existsSync(file)).toBe(false);
    },
  );
});

describe('hasEnded', () => {
  test('of this process, one that has, and where nobody knows', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const blind: FileSystem = {
      ...fs,
      statSync: () => {
        throw Object.assign(new Error('no'), { code: 'ENOENT' });
      },
    };
    expect(hasEnded(`${process.pid}`, fs)).toBe(false);
    expect(hasEnded(`${pid}`, fs)).toBe(true);
    expect(hasEnded(`${process.pid}`, blind)).toBeUndefined();
  });
});
