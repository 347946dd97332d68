import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { chmodSync, chownSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

export default vector({
  row: 94,
  title: 'cache directory that must not be used',
  cases: [
    ...(
      [
        ['0777', (directory) => chmodSync(directory, 0o777)],
        ['foreign owner', (directory) => chownSync(directory, 65_534, 65_534)],
        ['symlink', (directory, attic) => (rmSync(directory, { recursive: true }), symlinkSync(attic, directory))],
        ['a file in its place', (directory) => (rmSync(directory, { recursive: true }), writeFileSync(directory, ''))],
      ] as [string, (directory: string, attic: string) => unknown][]
    ).map(
      ([name, spoil]) =>
        ({
          name,
          skip: () => (name === 'foreign owner' && process.getuid?.() !== 0 ? 'needs root' : undefined),
          before: (stage) => void spoil(stage.cache, stage.attic),
          exit: 0,
          says: [/warning: .*(?:kept|cache)/],
          after: (stage) => expect(readdirSync(stage.attic)).toEqual([]),
        }) satisfies Case,
    ),
  ],
});
