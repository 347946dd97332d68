import { vector } from '../support/vectors.ts';
import { keptToken } from '../support/stage.ts';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

export default vector({
  row: 93,
  title: 'kept token of another job',
  cases: [
    {
      before: async (stage) => {
        expect((await stage.run(['login'])).exit).toBe(0);
        const other = await stage.rehearsal.token({ jti: 'another-job' });
        return { SECRETCTL_ID_TOKEN: other };
      },
      exit: 0,
      after: (stage) => {
        expect(stage.rehearsal.report().exchanges).toBe(2);
        expect(readdirSync(stage.cache).length, 'both kept').toBe(2);
      },
    },
    {
      name: 'planted under the right name',
      before: async (stage) => {
        const other = await stage.rehearsal.token({ jti: 'another-job' });
        expect((await stage.run(['login'], { env: { SECRETCTL_ID_TOKEN: other } })).exit).toBe(0);
        const foreign = readFileSync(keptToken(stage));
        rmSync(keptToken(stage));
        expect((await stage.run(['login'])).exit).toBe(0);
        writeFileSync(keptToken(stage), foreign);
      },
      exit: 0,
      after: (stage) => expect(stage.rehearsal.report().exchanges).toBe(3),
    },
  ],
});
