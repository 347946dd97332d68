import { vector } from '../support/vectors.ts';
import { execFileSync } from 'node:child_process';

export default vector({
  row: 104,
  title: 'target not ignored by git',
  cases: [
    {
      before: (stage) => void execFileSync('git', ['init', '-q'], { cwd: stage.cwd }),
      args: ['fetch', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password'],
      exit: 0,
      stdout: '',
      says: [/warning: .*out\.json/, /\.gitignore/],
    },
    {
      name: 'ignored',
      files: { '.gitignore': 'out.json\n' },
      before: (stage) => void execFileSync('git', ['init', '-q'], { cwd: stage.cwd }),
      args: ['fetch', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password'],
      exit: 0,
      stdout: '',
      saysNot: [/warning/],
    },
    {
      name: 'strict',
      before: (stage) => void execFileSync('git', ['init', '-q'], { cwd: stage.cwd }),
      args: [
        'fetch',
        '--strict',
        ...['fetch', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password'].slice(1),
      ],
      exit: 73,
      reason: 'NOT_IGNORED',
      packets: 0,
    },
  ],
});
