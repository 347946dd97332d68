import { vector } from '../support/vectors.ts';

export default vector({
  row: 4,
  title: 'trailing newline',
  cases: [{ before: (stage) => ({ SECRETCTL_ID_TOKEN: `${stage.env['SECRETCTL_ID_TOKEN']}\n` }), exit: 0 }],
});
