import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { interrupted } from '../support/shell.ts';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

export default vector({
  row: 110,
  title: 'TERM, INT, HUP, QUIT during a fetch',
  cases: [
    ...(
      [
        ['SIGTERM', 143, 'TERMINATED'],
        ['SIGINT', 130, 'INTERRUPTED'],
        ['SIGHUP', 129, 'HUNG_UP'],
        ['SIGQUIT', 131, 'QUIT'],
      ] as const
    ).map(
      ([signal, exit, reason]) =>
        ({
          name: signal,
          faults: ['read:silent*9'],
          files: { 'out.json': 'old' },
          run: interrupted(signal, 2, ['fetch', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password']),
          exit,
          reason,
          after: (stage) => expect(readFileSync(path.join(stage.cwd, 'out.json'), 'utf8')).toBe('old'),
        }) satisfies Case,
    ),
  ],
});
