import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';

/** A bug whose message quotes everything it can reach. */
const BUG = `import fs from 'node:fs'; const bug = () => { throw new TypeError('cannot read ' + process.env.SECRETCTL_ID_TOKEN); };`;

export default vector({
  row: 124,
  title: 'a bug thrown in the middle',
  cases: [
    ...[
      ['while writing', 'fs.fstatSync = bug'],
      ['while writing the file', 'fs.fsyncSync = bug'],
      ['in a timer', 'setTimeout(() => bug(), 150)'],
    ].map(
      ([name, patch]) =>
        ({
          name: String(name),
          faults: ['read:slow*1'],
          args: ['fetch', '--no-cache', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password'],
          env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(BUG + patch)}` },
          exit: 70,
          reason: 'INTERNAL',
        }) satisfies Case,
    ),
  ],
});
