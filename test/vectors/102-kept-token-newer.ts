import { vector } from '../support/vectors.ts';
import { keptToken } from '../support/stage.ts';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/** The same entry with the next format number. */
function newer(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(NEXT_FORMAT, FORMAT_AT);
  return copy;
}

export default vector({
  row: 102,
  title: 'kept token written by a newer version',
  cases: [
    {
      before: async (stage) => {
        expect((await stage.run(['login'])).exit).toBe(0);
        const bytes = readFileSync(keptToken(stage));
        writeFileSync(keptToken(stage), newer(bytes));
      },
      exit: 0,
      after: (stage) => {
        expect(stage.rehearsal.report().exchanges).toBe(2);
        expect(readFileSync(keptToken(stage)), 'left alone').toEqual(newer(readFileSync(keptToken(stage))));
      },
    },
  ],
});
