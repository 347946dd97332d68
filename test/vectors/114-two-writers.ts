import { vector } from '../support/vectors.ts';
import { script } from '../support/shell.ts';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

export default vector({
  row: 114,
  title: 'two runs write the same file',
  cases: [
    {
      run: script(
        'secretctl fetch --format json -o out.json A=prod/db/password & secretctl fetch --format json -o out.json B=prod/db/url; wait',
      ),
      exit: 0,
      stdout: '',
      after: (stage) =>
        expect(Object.keys(JSON.parse(readFileSync(path.join(stage.cwd, 'out.json'), 'utf8')) as object)).toHaveLength(
          1,
        ),
    },
  ],
});
