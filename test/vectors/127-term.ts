import { expect } from 'vitest';
import { childProgram, startRun } from '../support/running.ts';
import { vector } from '../support/vectors.ts';

export default vector({
  row: 127,
  title: 'run: a TERM is the command’s, and so is what it makes of it',
  cases: [
    {
      name: 'it goes on, and ends when it likes',
      args: ['run', 'PASSWORD=prod/db/password', '--', process.execPath, childProgram('signals.mjs')],
      async run(stage, env, args) {
        const run = startRun(stage, args, env);
        await run.said(/ready\n/);
        run.send('SIGTERM');
        await run.said(/SIGTERM\n/);
        run.type('exit 9\n');
        run.endInput();
        const finished = await run.finished;
        expect(finished.stdout.toString()).toBe('ready\nSIGTERM\nexit 9\n');
        return finished;
      },
      exit: 9,
      stdout: /SIGTERM/,
    },
    {
      name: 'it ignores it, and --kill-after ends that',
      args: [
        'run',
        '--kill-after',
        '1ms',
        'PASSWORD=prod/db/password',
        '--',
        'sh',
        '-c',
        'trap "" TERM; echo ready; read -r never',
      ],
      async run(stage, env, args) {
        const run = startRun(stage, args, env);
        await run.said(/ready\n/);
        run.send('SIGTERM');
        const finished = await run.finished;
        expect(finished.signal).toBe('SIGKILL');
        return { ...finished, exit: 137 };
      },
      exit: 137,
      stdout: 'ready\n',
    },
  ],
});
