import { describe, expect, test } from 'vitest';
import { runProgram } from '../../../src/lib/run-program.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { canary } from '../../support/canaries.ts';
import { invocationIn } from '../../support/invocation.ts';

const PATH = process.env['PATH'] ?? '';

function run(script: string, { stdin, mostBytes = 100, budgetMs = 60_000 }: Partial<Options> = {}) {
  const invocation = invocationIn({ env: { PATH, MINE: 'mine' }, budgetMs });
  return runProgram({ argv: ['sh', '-c', script], mostBytes, ...(stdin !== undefined && { stdin }) }, invocation);
}

interface Options {
  readonly stdin: Sensitive;
  readonly mostBytes: number;
  readonly budgetMs: number;
}

describe('a program that is run', () => {
  test('has our environment, our standard input never, and all that it says is handed back', async () => {
    const end = await run('printf "%s-%s" "$MINE" "$(cat)"; echo said >&2; exit 3');
    expect(end.exit).toBe(3);
    expect(end.stdout.reveal().toString()).toBe('mine-');
    expect(end.stderr.reveal().toString()).toBe('said\n');
  });

  test('reads what it is given, and may leave it', async () => {
    const value = canary();
    expect((await run('cat', { stdin: new Sensitive(value) })).stdout.reveal().toString()).toBe(value);
    expect((await run('exit 0', { stdin: new Sensitive(value.repeat(10_000)) })).exit).toBe(0);
  });

  test('is stopped when it says too much', async () => {
    const end = await run('while :; do echo yes; done');
    expect(end.exit).toBeUndefined();
    expect(end.stdout.byteLength).toBe(101);
  });

  test('is stopped with the run, also when another program holds its output', async () => {
    await expect(run('sleep 3 & exec sleep 3', { budgetMs: 50 })).rejects.toMatchObject({ reason: 'TIMEOUT' });
  });

  test.each([
    [['/nowhere/at/all'], /there is no program/],
    [['/etc/passwd'], /may not be executed/],
    [['sh', '-c', 'x'.repeat(3_000_000)], /could not be started \(E2BIG\)/],
  ])('or cannot be: %#', async (argv, says) => {
    const running = async () => runProgram({ argv, mostBytes: 10 }, invocationIn({ env: { PATH } }));
    await expect(running()).rejects.toMatchObject({ reason: 'SPAWN_FAILED', message: expect.stringMatching(says) });
  });
});
