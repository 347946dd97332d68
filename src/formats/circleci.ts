import { sh } from './sh.ts';
import type { Renderer } from './types.ts';

/** The `sh` file, appended to the one that bash reads at the start of each step of a CircleCI job. */
export const circleci: Renderer = {
  ...sh,
  render: (secrets, circumstances) => sh.render(secrets, { ...circumstances, destination: 'file' }),
};
