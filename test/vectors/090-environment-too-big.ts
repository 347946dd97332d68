import { canary } from '../support/canaries.ts';
import { vector } from '../support/vectors.ts';

const BIG = 'x'.repeat(120_000);

export default vector({
  row: 90,
  title: 'a value or an environment that is too big for a command',
  cases: [
    {
      name: 'one variable over the limit',
      secrets: new Map([['prod/db/password', Buffer.from(canary() + '.'.repeat(131_168))]]),
      args: ['run', 'PASSWORD=prod/db/password', '--', 'touch', 'started'],
      exit: 71,
      reason: 'ENV_TOO_BIG',
      says: [/PASSWORD has 131200 bytes/, /file: true/],
    },
    {
      name: 'all of them together',
      env: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`BIG_${index}`, BIG])),
      secrets: new Map([['prod/db/password', Buffer.from(canary() + '.'.repeat(95_968))]]),
      args: ['run', 'PASSWORD=prod/db/password', '--', 'touch', 'started'],
      exit: 71,
      reason: 'ENV_TOO_BIG',
      says: [/PASSWORD has 96000 bytes/, /file: true/],
    },
  ],
});
