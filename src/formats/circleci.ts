import { sh } from './sh.ts';
import type { Format } from './types.ts';

/** The `sh` file, appended to the one that bash reads at the start of each step of a CircleCI job. */
export const circleci: Format = {
  ...sh,
  name: 'circleci',
  help: 'later steps of a CircleCI job; appended to the file of $BASH_ENV',
  target: { kind: 'appended', variable: 'BASH_ENV' },
  render: (secrets, circumstances) => sh.render(secrets, { ...circumstances, destination: 'file' }),
};
