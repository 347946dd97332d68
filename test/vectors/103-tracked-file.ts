import { vector } from '../support/vectors.ts';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

function git(cwd: string, ...commands: string[][]): void {
  for (const command of commands)
    execFileSync('git', command, { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: cwd } });
}

export default vector({
  row: 103,
  title: 'target tracked by git',
  cases: [
    {
      files: { 'out.json': 'old' },
      before: (stage) =>
        git(
          stage.cwd,
          ['init', '-q'],
          ['add', 'out.json'],
          ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'x'],
        ),
      args: ['fetch', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password'],
      exit: 73,
      reason: 'TRACKED_FILE',
      packets: 0,
      after: (stage) => expect(readFileSync(path.join(stage.cwd, 'out.json'), 'utf8')).toBe('old'),
    },
  ],
});
