import { vector } from '../support/vectors.ts';
import { script } from '../support/shell.ts';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

export default vector({
  row: 107,
  title: 'file size limit',
  cases: [
    {
      files: { 'out.json': 'old' },
      run: script('ulimit -f 0; exec secretctl fetch --no-cache --format json -o out.json A=prod/db/password'),
      exit: 74,
      reason: 'DISK_FULL',
      after: (stage) => expect(readFileSync(path.join(stage.cwd, 'out.json'), 'utf8')).toBe('old'),
    },
  ],
});
