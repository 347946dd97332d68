import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { interrupted } from '../support/shell.ts';
import { vector } from '../support/vectors.ts';

// At each file operation in turn: test/e2e/torture.test.ts.
export default vector({
  row: 109,
  title: 'killed',
  cases: [
    {
      faults: ['read:silent'],
      files: { 'out.json': 'old' },
      run: interrupted('SIGKILL', 2, ['fetch', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password']),
      exit: 137,
      after: (stage) => {
        expect(readFileSync(path.join(stage.cwd, 'out.json'), 'utf8')).toBe('old');
        expect(readdirSync(stage.cwd)).toEqual(['out.json']);
      },
    },
  ],
});
