import { vector } from '../support/vectors.ts';
import { script } from '../support/shell.ts';

/** A program of another kind that hands its own stdout on, as an agent does. */
const UNDER_NODE =
  "const { spawnSync } = require('node:child_process');" +
  "process.exitCode = spawnSync('secretctl', ['fetch', 'A=prod/db/password'], { stdio: 'inherit' }).status";

export default vector({
  row: 115,
  title: 'stdout is the log of the job',
  cases: [
    {
      name: 'plain line',
      run: script('secretctl fetch --format json A=prod/db/password; exit $?'),
      exit: 73,
      reason: 'STDOUT_IS_LOG',
      says: [/-o/, /--print-plaintext-to-log/],
      packets: 0,
    },
    {
      name: 'sent to stderr',
      run: script('secretctl fetch --format json A=prod/db/password >&2; exit $?'),
      exit: 73,
      reason: 'STDOUT_IS_LOG',
      packets: 0,
    },
    {
      name: 'a file, under a parent that is no shell',
      run: script(`node -e "${UNDER_NODE}" > log.txt; code=$?; test -s log.txt && code=1; rm log.txt; exit $code`),
      exit: 73,
      reason: 'STDOUT_IS_LOG',
      packets: 0,
    },
    {
      name: 'on request',
      run: script('secretctl fetch --print-plaintext-to-log --format json A=prod/db/password; exit $?'),
      exit: 0,
      stdout: /"A"/,
    },
    {
      name: 'commands that the agent takes out of it',
      env: { TF_BUILD: 'True' },
      run: script('secretctl fetch --format azure A=prod/db/password; exit $?'),
      exit: 0,
      stdout: /^##vso\[task\.setvariable variable=A;issecret=true\]\w{32}\n$/,
    },
    {
      name: 'the same commands where no agent reads them',
      run: script('secretctl fetch --format azure A=prod/db/password; exit $?'),
      exit: 73,
      reason: 'STDOUT_IS_LOG',
      packets: 0,
    },
    {
      name: 'messages that their reader does not mask',
      env: { TEAMCITY_VERSION: '2026.1' },
      run: script('secretctl fetch --format teamcity A=prod/db/password; exit $?'),
      exit: 73,
      reason: 'STDOUT_IS_LOG',
      packets: 0,
    },
    {
      name: 'captured',
      run: script('x=$(secretctl fetch --format raw A=prod/db/password) && printf %s "${#x}"'),
      exit: 0,
      stdout: '32',
    },
    {
      name: 'piped',
      run: script('secretctl fetch --format raw A=prod/db/password | wc -c | tr -d " \\n"'),
      exit: 0,
      stdout: '32',
    },
    {
      name: 'into a file',
      run: script('secretctl fetch --format raw A=prod/db/password > out.txt; wc -c < out.txt | tr -d " \\n"'),
      exit: 0,
      stdout: '32',
    },
  ],
});
