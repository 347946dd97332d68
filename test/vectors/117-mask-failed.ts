import { vector } from '../support/vectors.ts';
import { script } from '../support/shell.ts';

export default vector({
  row: 117,
  title: 'mask cannot be registered',
  cases: [
    {
      env: { GITLAB_CI: undefined, GITHUB_ACTIONS: 'true' },
      run: script('x=$(secretctl fetch --format raw A=prod/db/password 2>&-); code=$?; test -z "$x" && exit $code'),
      exit: 73,
    },
    {
      name: 'registered before the value',
      env: { GITLAB_CI: undefined, GITHUB_ACTIONS: 'true' },
      run: script('x=$(secretctl fetch --format raw A=prod/db/password 2>log) && read -r first < log && test "$first" = "::add-mask::$x"; code=$?; rm log; exit $code'),
      exit: 0,
      stdout: '',
    },
  ],
});
