import { azurePipelines } from './azure-pipelines.ts';
import { bitbucket } from './bitbucket.ts';
import { buildkite } from './buildkite.ts';
import { circleci } from './circleci.ts';
import { codefresh } from './codefresh.ts';
import { forgejo, gitea } from './forgejo.ts';
import { act, github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { hcpTerraform } from './hcp-terraform.ts';
import { jenkins } from './jenkins.ts';
import { semaphore } from './semaphore.ts';
import { spacelift } from './spacelift.ts';
import type { Environment, Platform } from './types.ts';
import { vercel } from './vercel.ts';

/** Every CI that is known; one row each, in the order of detection: the first that is here counts. */
export const PLATFORMS: readonly Platform[] = [
  forgejo,
  gitea,
  act,
  github,
  gitlab,
  azurePipelines,
  circleci,
  buildkite,
  bitbucket,
  codefresh,
  semaphore,
  vercel,
  spacelift,
  hcpTerraform,
  jenkins,
];

/** The CI that this environment is a job of. */
export function platformOf(env: Environment): Platform | undefined {
  return PLATFORMS.find((platform) => platform.isHere(env));
}

/** The CI that once filled this variable by itself, and since when and why it does no longer. */
export function removerOf(variable: string): Remover | undefined {
  const platform = PLATFORMS.find(({ removed }) => removed?.variables.includes(variable) === true);
  return platform?.removed && { platform: platform.name, ...platform.removed };
}

interface Remover {
  readonly platform: string;
  readonly since: string;
  readonly because: string;
}
