import { vector } from '../support/vectors.ts';

export default vector({
  row: 36,
  title: 'a name that nobody here chose and that is dangerous',
  cases: [
    ...['conjur', 'vault'].map((backend) => ({
      name: `brought by a wildcard from ${backend}`,
      backend,
      secrets: new Map([['prod/db', Buffer.from(JSON.stringify({ user: 'x', ld_preload: '/tmp/evil.so' }))]]),
      args: ['fetch', '--format', 'dotenv', 'prod/db#*'],
      exit: 73,
      reason: 'NAME_FORBIDDEN' as const,
      says: [/LD_PRELOAD/, /prod\/db#\*/],
    })),
    {
      name: 'brought by a wildcard under a name of its own',
      secrets: new Map([['prod/db', Buffer.from('{"user":"x","ld_preload":"y","none":null}')]]),
      args: ['fetch', '--format', 'json', 'DB=prod/db#*'],
      exit: 0,
      stdout: /^\{\s+"DB_USER": "x",\s+"DB_LD_PRELOAD": "y"\s+\}\n$/,
    },
    {
      name: 'two members of one name',
      secrets: new Map([['prod/db', Buffer.from('{"user":"x","USER":"y"}')]]),
      args: ['fetch', '--format', 'json', 'prod/db#*'],
      exit: 64,
      reason: 'NAME_CLASH',
      says: [/USER/],
    },
    {
      name: 'a wildcard in what has no members',
      secrets: new Map([['prod/db', Buffer.from('[1]')]]),
      args: ['fetch', '--format', 'json', 'prod/db#*'],
      exit: 67,
      reason: 'FIELD_NOT_FOUND',
      says: [/no JSON object/],
    },
    {
      name: 'derived from a path',
      args: ['fetch', '--format', 'dotenv', 'prod/ld_preload'],
      exit: 73,
      reason: 'NAME_FORBIDDEN',
      says: [/LD_PRELOAD/, /LD_PRELOAD=prod\/ld_preload/],
      packets: 0,
    },
  ],
});
