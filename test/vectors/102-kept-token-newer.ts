import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { keptToken } from '../support/stage.ts';
import { vector } from '../support/vectors.ts';

/** The same entry as a later version would mark it: the next format number and its complement. */
function newer(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([2, 253]), bytes.subarray(2)]);
}

export default vector({
  row: 102,
  title: 'kept token written by a newer version',
  cases: [
    {
      before: async (stage) => {
        expect((await stage.run(['login'])).exit).toBe(0);
        writeFileSync(keptToken(stage), newer(readFileSync(keptToken(stage))));
      },
      exit: 0,
      after: (stage) => {
        expect(stage.rehearsal.report().exchanges).toBe(2);
        expect(readFileSync(keptToken(stage)).subarray(0, 2), 'left alone').toEqual(Buffer.from([2, 253]));
      },
    },
  ],
});
