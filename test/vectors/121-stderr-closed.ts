import { vector } from '../support/vectors.ts';
import { script } from '../support/shell.ts';

export default vector({
  row: 121,
  title: 'stderr closed',
  cases: [
    {
      name: 'success',
      run: script('secretctl fetch --debug --format raw A=prod/db/password 2>&- | wc -c | tr -d " \\n"'),
      exit: 0,
      stdout: '32',
    },
    { name: 'failure', run: script('x=$(secretctl fetch --format raw A=prod/nothing 2>&-); exit $?'), exit: 67 },
  ],
});
