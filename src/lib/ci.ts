import type { Runtime } from './runtime.ts';

/**
 * Variables that say "this is a CI job", one or two for each CI there is, whether it is a token source here or not
 * (ci-platforms-and-formats.md, section 2; the last four lines are of CIs that do not all set CI as well). Jenkins sets
 * JENKINS_URL only where its administrator named the root URL.
 */
export const CI_VARIABLES: readonly string[] = (
  'CI GITLAB_CI GITHUB_ACTIONS FORGEJO_ACTIONS GITEA_ACTIONS JENKINS_URL JENKINS_HOME TF_BUILD CIRCLECI BUILDKITE ' +
  'BITBUCKET_BUILD_NUMBER BITBUCKET_COMMIT CF_BUILD_ID HARNESS_BUILD_ID DRONE CI_SYSTEM_NAME TEAMCITY_VERSION TRAVIS ' +
  'SEMAPHORE VERCEL NETLIFY BUILDER_OUTPUT CODEBUILD_BUILD_ARN TFC_WORKLOAD_IDENTITY_TOKEN SPACELIFT_OIDC_TOKEN ' +
  'AGOLA_GIT_REF ALPIC_HOST AC_APPCIRCLE APPVEYOR APPCENTER_BUILD_ID bamboo_planKey BITRISE_IO BUDDY_WORKSPACE_ID ' +
  'CAPAWESOME_CLOUD CF_PAGES WORKERS_CI CIRRUS_CI CI_NAME CM_BUILD_ID DSARI EARTHLY_CI EAS_BUILD GERRIT_PROJECT ' +
  'GO_PIPELINE_LABEL HUDSON_URL LAYERCI MAGNUM NEVERCODE NOW_BUILDER PROW_JOB_ID RELEASE_BUILD_ID RENDER RWX SAILCI ' +
  'SCREWDRIVER STRIDER TASKCLUSTER_ROOT_URL VELA XCS CI_XCODE_PROJECT'
).split(' ');

/** Whether this is a CI job, known or not, as far as its variables tell. */
export function isCi(env: Runtime['env']): boolean {
  return CI_VARIABLES.some((name) => isOn(env[name]));
}

/** Whether a variable is set to anything but a no. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase());
}

/** How the names of variables begin that CIs set. */
const SET_BY_CI = new RegExp(
  `^(?:${(
    'CI GITHUB GITLAB GITEA FORGEJO BUILDKITE CIRCLE BITBUCKET BUILD SYSTEM AGENT RELEASE CHANGE GIT TAG BRANCH TRAVIS DRONE ' +
    'HARNESS SEMAPHORE CF VERCEL CODEBUILD APPVEYOR TEAMCITY SPACELIFT TFC'
  ).replaceAll(' ', '|')})_|^(?:ghprb|gitlab)[A-Z]`,
);

/**
 * Whether a CI sets variables of such a name by itself. Some of them hold what anybody may write who opens a merge request:
 * its title, the message of a commit.
 */
export function isSetByCi(name: string): boolean {
  return SET_BY_CI.test(name);
}
