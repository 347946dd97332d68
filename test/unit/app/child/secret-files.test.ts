import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeSecretFiles } from '../../../../src/app/child/secret-files.ts';
import type { Runtime } from '../../../../src/lib/runtime.ts';
import type { Secret } from '../../../../src/lib/secrets.ts';
import { Sensitive } from '../../../../src/lib/sensitive.ts';
import { worldWith } from '../../../support/invocation.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'files-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const SECRETS: readonly Secret[] = [
  { name: 'KEY', value: new Sensitive('line\n'), reference: 'a' },
  { name: 'BYTES', value: new Sensitive(Buffer.from([0, 255])), reference: 'b' },
];

/** A machine on which these directories are in memory. */
function machine(inMemory: readonly string[], env: Runtime['env'] = {}): Runtime {
  const { fs } = worldWith();
  const statfsSync = ((place: string) => ({
    type: inMemory.includes(place) ? 0x01021994 : 0xef53,
  })) as unknown as typeof fs.statfsSync;
  return worldWith({ env, host: { temporaryDirectory: root }, fs: { ...fs, statfsSync } });
}

test('exact bytes, 0600 in a directory 0700, whatever the umask, and gone when removed', () => {
  const before = process.umask(0o777);
  const files = writeSecretFiles(SECRETS, machine([]));
  process.umask(before);
  const { KEY = '', BYTES = '' } = files.paths;
  expect([readFileSync(KEY, 'utf8'), [...readFileSync(BYTES)]]).toEqual(['line\n', [0, 255]]);
  expect([KEY, path.dirname(KEY)].map((one) => statSync(one).mode & 0o777)).toEqual([0o600, 0o700]);
  files.remove();
  expect(existsSync(path.dirname(KEY))).toBe(false);
});

test('a name that every object has is one like any other', () => {
  const files = writeSecretFiles([{ name: '__proto__', value: new Sensitive('v'), reference: 'a' }], machine([]));
  const [entry] = Object.entries(files.paths);
  expect([entry?.[0], readFileSync(entry?.[1] ?? '', 'utf8')]).toEqual(['__proto__', 'v']);
  files.remove();
});

test('in memory where there is such a place', () => {
  const memory = path.join(root, 'memory');
  mkdirSync(memory);
  const files = writeSecretFiles(SECRETS, machine([memory], { XDG_RUNTIME_DIR: memory }));
  expect(files.paths['KEY']?.startsWith(memory)).toBe(true);
  files.remove();
});

test('never in the workspace', () => {
  const workspace = path.join(root, 'workspace');
  mkdirSync(path.join(workspace, 'tmp'), { recursive: true });
  const env = { CI_PROJECT_DIR: workspace, RUNNER_TEMP: path.join(workspace, 'tmp'), XDG_RUNTIME_DIR: workspace };
  const files = writeSecretFiles(SECRETS, machine([workspace], env));
  expect(files.paths['KEY']?.startsWith(workspace)).toBe(false);
  files.remove();
});

test('what dead processes left is swept; what the living, other containers and other programs have is not', () => {
  const space = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0];
  const id = '0123456789abcdef';
  const dead = `secretctl-run-${space}-999999999-${id}`;
  const others = [`secretctl-run-${space}-1-${id}`, `secretctl-run-1-999999999-${id}`, 'secretctl-run-x', 'other'];
  const pipes = `secretctl-pipes-${space}-999999999-${id}`;
  for (const name of [dead, pipes, ...others]) mkdirSync(path.join(root, name));
  writeFileSync(path.join(root, dead, 'KEY'), 'left');
  const link = `secretctl-run-${space}-999999998-${id}`;
  symlinkSync(path.join(root, 'other'), path.join(root, link));
  writeSecretFiles([], machine([])).remove();
  expect(readdirSync(root).toSorted()).toEqual([...others, link].toSorted());
});

test('a disk that is full leaves nothing', () => {
  const world = machine([]);
  const fs = {
    ...world.fs,
    writeFileSync: () => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    },
  };
  expect(() => writeSecretFiles(SECRETS, { ...world, fs })).toThrow(
    expect.objectContaining({ reason: 'DISK_FULL' }) as Error,
  );
  expect(readdirSync(root)).toEqual([]);
});
