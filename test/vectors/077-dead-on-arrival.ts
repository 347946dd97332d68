import { vector } from '../support/vectors.ts';
import { readdirSync } from 'node:fs';
import { expect } from 'vitest';

export default vector({
  row: 77,
  title: 'access token expired on arrival',
  cases: [
    {
      options: { 'token-lifetime': '0' },
      exit: 76,
      reason: 'TOKEN_DEAD_ON_ARRIVAL',
      after: (stage) => expect(readdirSync(stage.cache)).toEqual([]),
    },
  ],
});
