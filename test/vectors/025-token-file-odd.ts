import { vector } from '../support/vectors.ts';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const fetchWith = (file: string): string[] => [
  'fetch',
  '--format',
  'json',
  '--token-file',
  file,
  'PASSWORD=prod/db/password',
];

export default vector({
  row: 25,
  title: 'token file that is no plain file',
  cases: [
    {
      name: 'directory',
      before: (stage) => mkdirSync(path.join(stage.attic, 'x')),
      args: (stage) => fetchWith(path.join(stage.attic, 'x')),
      exit: 66,
      reason: 'TOKEN_FILE',
      says: [/directory/],
      packets: 0,
    },
    {
      name: 'missing',
      args: (stage) => fetchWith(path.join(stage.attic, 'x')),
      exit: 66,
      reason: 'TOKEN_FILE',
      packets: 0,
    },
    {
      name: 'FIFO',
      before: (stage) => void execFileSync('mkfifo', [path.join(stage.attic, 'x')]),
      args: (stage) => fetchWith(path.join(stage.attic, 'x')),
      exit: 66,
      reason: 'TOKEN_FILE',
      packets: 0,
    },
    { name: 'device', args: () => fetchWith('/dev/null'), exit: 66, reason: 'TOKEN_FILE', packets: 0 },
    {
      name: 'symlink to a 0644 file is accepted',
      before: (stage) => {
        writeFileSync(path.join(stage.cwd, 'token'), `${stage.env['SECRETCTL_ID_TOKEN']}\n`, { mode: 0o644 });
        symlinkSync(path.join(stage.cwd, 'token'), path.join(stage.attic, 'x'));
      },
      args: (stage) => fetchWith(path.join(stage.attic, 'x')),
      stdout: /PASSWORD/,
      exit: 0,
    },
  ],
});
