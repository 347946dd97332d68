import { json } from './json.ts';
import { notRepresentable, refuseAsVariable } from './refuse.ts';
import type { Renderer } from './types.ts';

const CONSUMER = 'buildkite-agent env set';

const PROTECTED = { what: 'has a name that the agent keeps for itself', instead: ['write OTHER_NAME=REFERENCE'] };

/** One JSON object for the standard input of `buildkite-agent env set --input-format=json -`. */
export const buildkite: Renderer = {
  ...json,
  render(secrets, circumstances) {
    for (const secret of secrets) {
      refuseAsVariable(secret, CONSUMER);
      if (/^BUILDKITE/i.test(secret.name)) throw notRepresentable(secret, CONSUMER, PROTECTED);
    }
    return json.render(secrets, circumstances);
  },
};
