import type { Invocation } from '../lib/invocation.ts';
import type { Runtime } from '../lib/runtime.ts';
import { areSame, isParentsOwn } from './descriptors.ts';

/** A variable that each CI sets in every job (ci-platforms-and-formats.md, section 2). */
const CI_VARIABLES = (
  'CI GITLAB_CI GITHUB_ACTIONS FORGEJO_ACTIONS GITEA_ACTIONS JENKINS_URL TF_BUILD CIRCLECI BUILDKITE ' +
  'BITBUCKET_BUILD_NUMBER BITBUCKET_COMMIT CF_BUILD_ID HARNESS_BUILD_ID DRONE CI_SYSTEM_NAME TEAMCITY_VERSION TRAVIS ' +
  'SEMAPHORE NETLIFY BUILDER_OUTPUT CODEBUILD_BUILD_ARN TFC_WORKLOAD_IDENTITY_TOKEN SPACELIFT_OIDC_TOKEN'
).split(' ');

/** Whether this is a CI job, as far as its variables tell. */
export function isCi(env: Runtime['env']): boolean {
  return CI_VARIABLES.some((name) => isOn(env[name]));
}

/** Whether a variable is set to anything but a no. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase());
}

/**
 * Whether this descriptor is the log of the job: it is the calling process's own stdout or stderr. Where the caller
 * cannot be looked at, stdout and stderr being one and the same counts as the log; otherwise that is said in a
 * warning. Always false outside CI.
 */
export function isJobLog(fd: number, { runtime, journal }: Invocation): boolean {
  if (!isCi(runtime.env)) return false;
  const isOwn = isParentsOwn(fd, runtime);
  if (isOwn !== undefined) return isOwn;
  // Windows gives no identity to pipes: comparing them would find all of them the same.
  if (runtime.host.platform !== 'win32' && areSame(fd, 2, runtime)) return true;
  journal.warn('whether stdout is the log of this job cannot be seen here; see that it is not');
  return false;
}
