import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../support/program.ts';
import { startCommand, startRun } from '../support/running.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(async () => {
  await stage.close();
});

const secret = (): string => stage.secrets.get('prod/db/password')?.toString() ?? '';
const MASK = ['mask', 'SECRET=prod/db/password'];
const M = '[REDACTED]';

describe('when the values cannot be had', () => {
  test('the writer is not ended, and its output goes nowhere', async () => {
    const forbidden = await openStage({ faults: ['read:403*9'] });
    try {
      const script = 'head -c 3000000 /dev/zero; echo "the writer ended well" >&2';
      const finished = await runCommand(
        'bash',
        ['-o', 'pipefail', '-c', `(${script}) | secretctl mask A=prod/db/password`],
        {
          cwd: forbidden.cwd,
          env: forbidden.env,
        },
      );
      expect(finished.exit).toBe(77);
      expect(finished.stdout).toHaveLength(0);
      expect(finished.stderr).toContain('the writer ended well');
    } finally {
      await forbidden.close();
    }
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)('%s ends the fetching, the writer goes on, and a second one ends everything', async (signal, exit) => {
    const silent = await openStage({ faults: ['read:silent*9'] });
    try {
      for (const isPatient of [true, false]) {
        const before = silent.rehearsal.requests.length;
        const run = startRun(silent, [...MASK, '--no-cache']);
        await silent.rehearsal.arrival(before + 2);
        run.send(signal);
        await run.complained(/error\[/);
        run.type(secret());
        if (isPatient) run.endInput();
        else run.send(signal);
        const finished = await run.finished;
        expect(finished.stdout).toHaveLength(0);
        expect(finished).toMatchObject({ exit });
      }
    } finally {
      await silent.close();
    }
  });
});

describe('signals while it copies', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)('%s waits for the last words', async (signal) => {
    const run = startRun(stage, MASK);
    run.type('first\n');
    await run.said(/^first\n$/);
    run.send(signal);
    run.type(`last ${secret()}\n`);
    await run.said(/last .*\n$/);
    run.endInput();
    const finished = await run.finished;
    expect(finished).toMatchObject({ signal, stderr: '' });
    expect(finished.stdout.toString()).toBe(`first\nlast ${M}\n`);
  });

  test('Ctrl-C reaches all of a pipeline, and what the writer says to it comes out', async () => {
    const gate = path.join(stage.attic, 'never');
    execFileSync('mkfifo', [gate]);
    const writer = `trap 'echo "cleaned up $S"; exit 3' INT; echo ready; cat ${gate}`;
    const script = `set -m; (sh -c "$W" | secretctl mask SECRET=prod/db/password) & job=$!; read -r go; kill -INT -$job; wait $job`;
    const run = startCommand(stage, ['bash', '-c', script], { S: secret(), W: writer });
    await run.said(/ready\n/);
    run.type('go\n');
    const finished = await run.finished;
    expect(finished.stdout.toString()).toBe(`ready\ncleaned up ${M}\n`);
  });

  test('a second one of the same kind ends it at once', async () => {
    const run = startRun(stage, MASK);
    run.type('first\n');
    await run.said(/^first\n$/);
    run.send('SIGTERM');
    run.type('x\n');
    await run.said(/x\n$/);
    run.send('SIGTERM');
    expect(await run.finished).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });
});
