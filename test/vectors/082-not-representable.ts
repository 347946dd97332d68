import { vector } from '../support/vectors.ts';

export default vector({
  row: 82,
  title: 'a value its consumer cannot read back',
  cases: [
    ...['docker-env', 'cmd', 'azure'].map((format) => ({
      name: `a line break in ${format}`,
      args: ['fetch', '--format', format, '-o', 'out', 'A=prod/tls/key'],
      exit: 65,
      reason: 'NOT_REPRESENTABLE' as const,
      says: [/prod\/tls\/key/, /line break/, /base64/],
    })),
    {
      name: 'dotenv with all quotes',
      secrets: new Map([['x', Buffer.from('\'"`$')]]),
      args: ['fetch', '--format', 'dotenv', '-o', '.env', 'A=x'],
      exit: 65,
      reason: 'NOT_REPRESENTABLE',
      says: [/A/, /dotenv/, /base64|sh|json/],
    },
    {
      name: 'a command substitution',
      secrets: new Map([['x', Buffer.from('$(id)')]]),
      args: ['fetch', '--format', 'dotenv', 'A=x'],
      exit: 65,
      reason: 'NOT_REPRESENTABLE',
    },
    {
      name: 'one of several',
      args: ['fetch', '--format', 'dotenv', '-o', '.env', 'B=prod/db/password', 'A=prod/quoted'],
      exit: 65,
      reason: 'NOT_REPRESENTABLE',
      says: [/prod\/quoted/],
    },
  ],
});
