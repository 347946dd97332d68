import { vector } from '../support/vectors.ts';

export default vector({
  row: 128,
  title: 'run: neither the token nor our variables are in the command’s environment',
  cases: [
    {
      name: 'without options',
      env: { SECRETCTL_DEBUG: '0', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'right' },
      args: [
        'run',
        'PASSWORD=prod/db/password',
        '--',
        'sh',
        '-c',
        'env | grep -c "^SECRETCTL_\\|_TOKEN\\|eyJ"; test -n "$PASSWORD"',
      ],
      exit: 0,
      stdout: '0\n',
    },
    {
      name: 'a token under another name',
      env: { SECRETCTL_TOKEN_ENV: 'MY_TOKEN' },
      before: (stage) => ({
        MY_TOKEN: stage.env['SECRETCTL_ID_TOKEN'],
        COPY: stage.env['SECRETCTL_ID_TOKEN'],
        SECRETCTL_ID_TOKEN: undefined,
      }),
      args: ['run', 'PASSWORD=prod/db/password', '--', 'sh', '-c', 'echo "${MY_TOKEN-none} ${COPY-none}"'],
      exit: 0,
      stdout: 'none none\n',
    },
    {
      name: 'unless it is kept by name',
      args: [
        'run',
        '--keep-env',
        'SECRETCTL_ID_TOKEN',
        'PASSWORD=prod/db/password',
        '--',
        'sh',
        '-c',
        'echo "$SECRETCTL_ID_TOKEN"',
      ],
      exit: 0,
      stdout: '[REDACTED]\n',
    },
  ],
});
