import { expect, test } from 'vitest';
import { unnamedSignal } from '../../../../src/app/child/unnamed-signal.ts';
import type { FileSystem } from '../../../../src/lib/runtime.ts';
import { worldWith } from '../../../support/invocation.ts';

/** One line of /proc/20/stat: its state, its flags, its wait status, behind a name that is hard to read. */
function line(state: string, flags: number, status: number): string {
  return `20 (sh) Z 1) ${state} 10 20 20 0 -1 ${flags} ${'0 '.repeat(42)}${status}\n`;
}

/** What is found when the process is looked at so often; once the lines are used up it is gone. */
function found(lines: readonly string[]): readonly number[] {
  const world = worldWith();
  let looks = 0;
  const fs: FileSystem = {
    ...world.fs,
    readFileSync: (() => {
      const text = lines[looks++];
      if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return text;
    }) as unknown as FileSystem['readFileSync'],
  };
  return unnamedSignal(20, { fs });
}

test('a signal without a name is told, also when the process is not done with ending', () => {
  expect(found([line('Z', 0x404004, 34)])).toEqual([34]);
  expect(found([line('R', 0x404004, 0), line('R', 0x404004, 0), line('Z', 0x404004, 64)])).toEqual([64]);
});

test.each([
  ['a process that goes on', [line('S', 0x404000, 0)]],
  ['one that ended with a code', [line('Z', 0x404004, 34 << 8)]],
  ['one that a signal ended that has a name', [line('Z', 0x404004, 15)]],
  ['one that dumped its core', [line('Z', 0x404004, 0x80 | 11)]],
  ['one that is gone', []],
])('nothing is told of %s', (_, lines) => expect(found(lines)).toEqual([]));
