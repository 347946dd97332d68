import { vector } from '../support/vectors.ts';

export default vector({
  row: 86,
  title: 'value of two characters',
  cases: [
    {
      env: { GITLAB_CI: undefined, GITHUB_ACTIONS: 'true' },
      secrets: new Map([['x', Buffer.from('ab')]]),
      args: ['fetch', '--format', 'json', 'A=x'],
      exit: 0,
      stdout: /"ab"/,
      says: [/warning: .*A/],
      saysNot: [/^::add-mask::ab$/m],
    },
  ],
});
