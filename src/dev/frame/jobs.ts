import type { CiJob } from './ci-job.ts';
import { GITLAB } from './gitlab-job.ts';
import { JENKINS } from './jenkins-job.ts';

/** Every CI that can be rehearsed; the first one is the default. */
export const CI_JOBS: readonly [CiJob, ...CiJob[]] = [GITLAB, JENKINS];

/** The row of that name, or undefined. */
export function ciJob(ci: string): CiJob | undefined {
  return CI_JOBS.find((job) => job.ci === ci);
}
