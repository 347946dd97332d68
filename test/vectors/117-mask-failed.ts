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
      run: script(
        'exec 2>log; x=$(secretctl fetch --format raw A=prod/db/password) && first=$(grep -m 1 . log) && test "$first" = "::add-mask::$x"; code=$?; rm log; exit $code',
      ),
      exit: 0,
      stdout: '',
    },
    {
      name: 'not where the runner would not read it',
      env: { GITLAB_CI: undefined, GITHUB_ACTIONS: 'true' },
      run: script(
        'x=$(secretctl fetch --format raw A=prod/db/password 2>log); code=$?; grep -q add-mask log && code=1; rm log; test -z "$x" && exit $code',
      ),
      exit: 73,
    },
  ],
});
