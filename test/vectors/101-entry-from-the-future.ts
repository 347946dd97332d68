import { expect } from 'vitest';
import { vector } from '../support/vectors.ts';

/** A preload that puts this machine's clock ahead. */
const ahead = (seconds: number): string =>
  `--import=data:text/javascript,${encodeURIComponent(`const now = Date.now; Date.now = () => now() + ${seconds * 1000};`)}`;

export default vector({
  row: 101,
  title: 'kept token from the future',
  cases: [
    {
      before: async (stage) => {
        expect((await stage.run(['login'], { env: { NODE_OPTIONS: ahead(200) } })).exit).toBe(0);
      },
      exit: 0,
      after: (stage) => expect(stage.rehearsal.report().exchanges).toBe(2),
    },
  ],
});
