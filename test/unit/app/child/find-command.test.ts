import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCommand } from '../../../../src/app/child/find-command.ts';
import { worldWith } from '../../../support/invocation.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'find-'));
  mkdirSync(path.join(root, 'one/tool'), { recursive: true });
  mkdirSync(path.join(root, 'two'));
  for (const [file, mode] of [
    ['one/plain', 0o644],
    ['two/plain', 0o755],
    ['two/tool', 0o755],
    ['one/closed', 0o644],
  ] as const) {
    writeFileSync(path.join(root, file), '#!/bin/sh\n');
    chmodSync(path.join(root, file), mode);
  }
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const find = (name: string, PATH = `${root}/one:${root}/two`): string =>
  findCommand([name, 'argument'], worldWith({ env: { PATH } })).file;

test('the first of PATH that may be executed; files that may not and directories are passed over', () => {
  expect(find('plain')).toBe(path.join(root, 'two/plain'));
  expect(find('tool')).toBe(path.join(root, 'two/tool'));
});

test('a name with a slash is a path', () => {
  expect(find(`${root}/two/tool`)).toBe(`${root}/two/tool`);
  expect(() => find('two/tool')).toThrow(expect.objectContaining({ reason: 'COMMAND_NOT_FOUND' }) as Error);
});

test.each([
  ['nothing', 'no-such-tool', 'COMMAND_NOT_FOUND', 127],
  ['an empty name', '', 'COMMAND_NOT_FOUND', 127],
  ['a file that may not be executed', 'closed', 'COMMAND_NOT_EXECUTABLE', 126],
] as const)('%s', (_, name, reason, exit) => {
  expect(() => find(name)).toThrow(expect.objectContaining({ reason, exit }) as Error);
});

test('a directory cannot be executed', () => {
  expect(() => find(`${root}/one`)).toThrow(expect.objectContaining({ reason: 'COMMAND_NOT_EXECUTABLE' }) as Error);
  expect(() => find('tool', `${root}/one`)).toThrow(expect.objectContaining({ exit: 126 }) as Error);
});

test('without PATH the usual places; an empty part of PATH is the working directory', () => {
  expect(findCommand(['sh'], worldWith()).file).toMatch(/\/bin\/sh$/);
  const fs = { ...worldWith().fs, statSync: worldWith().fs.statSync };
  const seen: unknown[] = [];
  const statSync = ((file: string) => {
    seen.push(file);
    return undefined;
  }) as unknown as typeof fs.statSync;
  expect(() => findCommand(['tool'], worldWith({ env: { PATH: '/a::/b' }, fs: { ...fs, statSync } }))).toThrow('tool');
  expect(seen).toEqual(['/a/tool', 'tool', '/b/tool']);
});

test('refused on Windows, where it does not exist', () => {
  const attempt = (): unknown => findCommand(['cmd'], worldWith({ host: { platform: 'win32' } }));
  expect(attempt).toThrow(expect.objectContaining({ reason: 'USAGE' }) as Error);
});
