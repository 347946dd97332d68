import { vector } from '../support/vectors.ts';
import { script } from '../support/shell.ts';

export default vector({
  row: 116,
  title: 'the calling shell traces',
  cases: [
    {
      name: 'sh -x',
      run: script('x=$(secretctl fetch --format raw A=prod/db/password)', ['-xe']),
      exit: 73,
      reason: 'SHELL_TRACE',
      says: [/--shell-trace-is-off/],
      packets: 0,
    },
    { name: 'CI_DEBUG_TRACE', env: { CI_DEBUG_TRACE: 'true' }, exit: 73, reason: 'SHELL_TRACE', packets: 0 },
    {
      name: 'set +x inside, said so',
      run: script(
        '{ set +x; } 2>/dev/null; x=$(secretctl fetch --shell-trace-is-off --format raw A=prod/db/password); printf %s "${#x}"',
        ['-xe'],
      ),
      exit: 0,
      stdout: '32',
    },
    {
      name: 'a file does not mind',
      run: script(
        'secretctl fetch --format sh -o out.sh A=prod/db/password; . ./out.sh; { set +x; } 2>/dev/null; test "${#A}" = 32',
        ['-xe'],
      ),
      exit: 0,
      stdout: '',
    },
  ],
});
