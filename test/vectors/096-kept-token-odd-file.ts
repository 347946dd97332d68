import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { keptToken } from '../support/stage.ts';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

export default vector({
  row: 96,
  title: 'kept token that is no plain file',
  cases: [
    ...(
      [
        [
          'symlink',
          (file, attic) => (renameSync(file, path.join(attic, 'x')), symlinkSync(path.join(attic, 'x'), file)),
        ],
        ['hard link', (file, attic) => linkSync(file, path.join(attic, 'x'))],
        ['FIFO', (file) => (rmSync(file), execFileSync('mkfifo', [file]))],
        ['directory', (file) => (rmSync(file), mkdirSync(file))],
      ] as [string, (file: string, attic: string) => unknown][]
    ).map(
      ([name, plant]) =>
        ({
          name,
          before: async (stage) => {
            expect((await stage.run(['login'])).exit).toBe(0);
            plant(keptToken(stage), stage.attic);
          },
          exit: 0,
          after: (stage) => expect(stage.rehearsal.report().exchanges).toBe(2),
        }) satisfies Case,
    ),
  ],
});
