import { AZURE } from './azure-job.ts';
import { BUILDKITE } from './buildkite-job.ts';
import type { CiJob } from './ci-job.ts';
import { CIRCLECI } from './circleci-job.ts';
import { GITHUB } from './github-job.ts';
import { GITLAB } from './gitlab-job.ts';
import { JENKINS } from './jenkins-job.ts';
import { KUBERNETES } from './kubernetes-job.ts';

/** Every CI that can be rehearsed; the first one is the default. */
export const CI_JOBS: readonly [CiJob, ...CiJob[]] = [GITLAB, JENKINS, GITHUB, AZURE, CIRCLECI, BUILDKITE, KUBERNETES];

/** The row of that name, or undefined. */
export function ciJob(ci: string): CiJob | undefined {
  return CI_JOBS.find((job) => job.ci === ci);
}
