import { Sensitive } from '../lib/sensitive.ts';
import { programOfCi, programToAsk } from './ask-program.ts';
import type { Platform } from './types.ts';

const COMMAND = 'buildkite-agent oidc request-token';

/** Buildkite: the agent asks, and hides the token from its log first (ci-platforms-and-formats.md, 3.6). */
export const buildkite: Platform = {
  key: 'buildkite',
  name: 'Buildkite',
  isHere: (env) => env['BUILDKITE'] === 'true',
  absence: 'BUILDKITE is not "true"',
  declare: () => [`have buildkite-agent on the PATH of the step: ${COMMAND} gives the token`],
  own: {
    needs: 'buildkite-agent',
    async find({ audience }, seeking) {
      // Made for this job by the agent, which uses it itself.
      const { BUILDKITE_AGENT_ACCESS_TOKEN: right = '' } = seeking.runtime.env;
      if (right !== '') seeking.hide('access token of the agent', new Sensitive(right));
      const agent = programOfCi('buildkite-agent', 'Buildkite', seeking);
      const asked = audience === undefined ? [] : ['--audience', audience];
      return programToAsk(
        {
          argv: [agent, 'oidc', 'request-token', ...asked],
          shown: COMMAND,
          failed:
            'in a container the agent needs its program, its BUILDKITE_ variables and its job API socket mounted too',
          mayBeQuoted: true,
          ...(right !== '' && { jobSecret: new Sensitive(right) }),
        },
        seeking,
      );
    },
  },
};
