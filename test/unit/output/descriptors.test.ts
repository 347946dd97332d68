import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemRuntime } from '../../../src/lib/runtime.ts';
import { isReadByShell } from '../../../src/output/descriptors.ts';
import { workplace } from '../../support/sink-runs.ts';

const real = systemRuntime();

/** The writing end of a named pipe that this process reads, too. */
function pipe(): { fd: number } {
  const file = path.join(workplace(), 'pipe');
  execFileSync('mkfifo', [file]);
  const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(reader));
  onTestFinished(() => closeSync(fd));
  return { fd };
}

/** This process in the place of the parent, as the system shows it but for the name of its program. */
function worldOf(program: string): Parameters<typeof isReadByShell>[1] {
  return {
    fs: { ...real.fs, readlinkSync: (() => program) as unknown as typeof real.fs.readlinkSync },
    host: { ...real.host, ppid: process.pid },
  };
}

test.skipIf(process.platform !== 'linux')('a pipe that the parent reads, when that is a shell', () => {
  const stream = pipe();
  expect(isReadByShell(stream, worldOf('/usr/bin/bash'))).toBe(true);
  expect(isReadByShell(stream, worldOf('/usr/bin/python3'))).toBe(false);
});

test.skipIf(process.platform !== 'linux')(
  'not a file that it reads, nor a pipe that it writes, nor what has no descriptor',
  () => {
    const fd = openSync('/proc/self/cmdline', 'r');
    onTestFinished(() => closeSync(fd));
    expect(isReadByShell({ fd }, worldOf('/bin/sh'))).toBe(false);
    expect(isReadByShell({}, worldOf('/bin/sh'))).toBe(false);
    expect(isReadByShell({ fd: 4711 }, worldOf('/bin/sh'))).toBe(false);
  },
);

test.skipIf(process.platform === 'win32')('unknown where the parent cannot be looked at', () => {
  const refuse = (): never => {
    throw Object.assign(new Error('not permitted'), { code: 'EACCES' });
  };
  const stream = pipe();
  expect(isReadByShell(stream, { ...worldOf('/bin/sh'), fs: { ...real.fs, readlinkSync: refuse } })).toBe(undefined);
  expect(isReadByShell(stream, { ...worldOf('/bin/sh'), host: { ...real.host, ppid: 0 } })).toBe(undefined);
});
