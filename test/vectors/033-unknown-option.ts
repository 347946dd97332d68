import { vector } from '../support/vectors.ts';

export default vector({
  row: 33,
  title: 'unknown option holding a value',
  cases: [
    {
      args: ['fetch', '--token-fiel=hunter2hunter2', 'A=prod/db/password'],
      exit: 64,
      reason: 'USAGE',
      says: [/--token-fiel/, /--token-file/],
      saysNot: [/hunter2/],
      packets: 0,
    },
    {
      name: 'value as the next word',
      args: ['fetch', '--tokn-env', 'hunter2hunter2', 'A=prod/db/password'],
      exit: 64,
      reason: 'USAGE',
      saysNot: [/hunter2/],
      packets: 0,
    },
    { name: 'unknown command', args: ['fecth'], exit: 64, reason: 'USAGE', says: [/fetch/], packets: 0 },
    { name: 'missing value', args: ['fetch', '--format'], exit: 64, reason: 'USAGE', says: [/--format/], packets: 0 },
    {
      name: 'not a choice',
      args: ['fetch', '--format', 'hunter2hunter2', 'A=prod/db/password'],
      exit: 64,
      reason: 'USAGE',
      saysNot: [/hunter2/],
      packets: 0,
    },
  ],
});
