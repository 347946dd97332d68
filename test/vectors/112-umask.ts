import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { script } from '../support/shell.ts';
import { statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

export default vector({
  row: 112,
  title: 'any umask',
  cases: [
    ...['000', '777', '022'].map(
      (umask) =>
        ({
          name: umask,
          run: script(`umask ${umask}; exec secretctl fetch --format json -o out.json A=prod/db/password`),
          exit: 0,
          stdout: '',
          after: (stage) => expect(statSync(path.join(stage.cwd, 'out.json')).mode & 0o7777).toBe(0o600),
        }) satisfies Case,
    ),
  ],
});
