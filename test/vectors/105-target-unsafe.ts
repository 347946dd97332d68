import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { execFileSync } from 'node:child_process';
import { chownSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export default vector({
  row: 105,
  title: 'target that is no plain file of ours',
  cases: [
    ...(
      [
        ['symlink', (target, attic) => symlinkSync(path.join(attic, 'x'), target)],
        [
          'symlink to a file',
          (target, attic) => (writeFileSync(path.join(attic, 'x'), 'old'), symlinkSync(path.join(attic, 'x'), target)),
        ],
        ['hard link', (target, attic) => (writeFileSync(target, 'old'), linkSync(target, path.join(attic, 'x')))],
        ['directory', (target) => mkdirSync(target)],
        ['FIFO', (target) => execFileSync('mkfifo', [target])],
      ] as [string, (target: string, attic: string) => unknown][]
    ).map(
      ([name, plant]) =>
        ({
          name,
          before: (stage) => void plant(path.join(stage.cwd, 'out.json'), stage.attic),
          args: ['fetch', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password'],
          exit: 73,
          reason: 'TARGET_UNSAFE',
          packets: 0,
        }) satisfies Case,
    ),
    {
      name: 'device',
      args: [
        ...['fetch', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password'].slice(0, 4),
        '/dev/full',
        'A=prod/db/password',
      ],
      exit: 73,
      reason: 'TARGET_UNSAFE',
      packets: 0,
    },
    {
      name: 'foreign',
      skip: () => (process.getuid?.() === 0 ? undefined : 'needs root'),
      files: { 'out.json': 'old' },
      before: (stage) => chownSync(path.join(stage.cwd, 'out.json'), 65_534, 65_534),
      args: ['fetch', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password'],
      exit: 73,
      reason: 'TARGET_UNSAFE',
      packets: 0,
    },
  ],
});
