import { vector } from '../support/vectors.ts';

export default vector({
  row: 87,
  title: 'value equals a common word',
  cases: [
    {
      env: { GITLAB_CI: undefined, GITHUB_ACTIONS: 'true' },
      secrets: new Map([['x', Buffer.from('true')]]),
      args: ['fetch', '--format', 'json', 'A=x'],
      exit: 0,
      stdout: /"true"/,
      says: [/warning: .*A/],
      saysNot: [/^::add-mask::true$/m],
    },
  ],
});
