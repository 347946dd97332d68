import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import {
  type Child,
  type ChildEnd,
  type ChildOptions,
  startChild,
  TooBigToStart,
} from '../../../../src/app/child/start.ts';
import type { Runtime } from '../../../../src/lib/runtime.ts';
import { worldWith } from '../../../support/invocation.ts';

const start = (argv: readonly string[], runtime: Runtime = worldWith(), env = {}): Promise<Child> => {
  const command = { file: argv[0] ?? '', argv };
  const options: ChildOptions = { command, env, withoutStdin: true, stdout: 'own', stderr: 'own', leadsGroup: true };
  return startChild(options, runtime);
};
const endOf = async (script: string): Promise<ChildEnd> => (await start(['/bin/sh', '-c', script])).ended;

test('every exit code is told as it is', async () => {
  for (let first = 0; first < 256; first += 16) {
    const codes = Array.from({ length: 16 }, (_, index) => first + index);
    expect(await Promise.all(codes.map((code) => endOf(`exit ${code}`)))).toEqual(codes.map((code) => ({ code })));
  }
});

test('every signal that ends a process is told by its name', async () => {
  const names = 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM XCPU XFSZ VTALRM PROF SYS'.split(
    ' ',
  );
  const ends = await Promise.all(names.map((name) => endOf(`ulimit -c 0; kill -${name} $$`)));
  expect(ends).toEqual(names.map((name) => ({ signal: `SIG${name}` })));
});

test('an end without code and signal is an error and no success', async () => {
  const emitter = new EventEmitter();
  const world = worldWith({
    spawn: () => Object.assign(emitter, { pid: 1 }) as unknown as ReturnType<Runtime['spawn']>,
  });
  const { ended } = await start(['/bin/true'], world);
  emitter.emit('exit', null, null);
  await expect(ended).rejects.toMatchObject({ reason: 'INTERNAL' });
});

describe('what cannot be started', () => {
  test('a program that is gone, one that may not be executed, one whose interpreter is not there', async () => {
    await expect(start(['/no/such/program'])).rejects.toMatchObject({ reason: 'COMMAND_NOT_FOUND', exit: 127 });
    await expect(start(['/etc/passwd'])).rejects.toMatchObject({ reason: 'COMMAND_NOT_EXECUTABLE', exit: 126 });
  });

  test('an environment that the system does not take', async () => {
    const env = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`A${index}`, 'x'.repeat(100_000)]));
    await expect(start(['/bin/true'], worldWith(), env)).rejects.toBeInstanceOf(TooBigToStart);
  });

  test('anything else is the system’s failure, by its code alone', async () => {
    await expect(
      start(['/bin/true'], {
        ...worldWith(),
        spawn: () => {
          throw Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' });
        },
      }),
    ).rejects.toMatchObject({ reason: 'SPAWN_FAILED', message: '"/bin/true" could not be started (EAGAIN)' });
  });
});
