import { CI_VARIABLES } from '../../lib/ci.ts';

// Two letters of a family are enough to be taken for that CI by one program or another.
const PREFIXES = (
  'GITLAB_ CI_ JENKINS_ GITHUB_ ACTIONS_ RUNNER_ FORGEJO_ GITEA_ BUILDKITE CIRCLE BITBUCKET_ TEAMCITY_ TRAVIS ' +
  'SEMAPHORE DRONE HARNESS_ TFC_ SPACELIFT_ VERCEL CODEBUILD_ SYSTEM_ CF_ KUBERNETES_'
).split(' ');

/** What says nothing by itself but goes with the others. */
const NAMES: ReadonlySet<string> = new Set([
  ...CI_VARIABLES,
  ...(
    'ACT AWS_WEB_IDENTITY_TOKEN_FILE GCE_METADATA_HOST CLOUD_RUN_JOB BUILD_ID BUILD_NUMBER BUILD_TAG BUILD_URL JOB_NAME JOB_BASE_NAME JOB_URL NODE_NAME ' +
    'EXECUTOR_NUMBER WORKSPACE WORKSPACE_TMP'
  ).split(' '),
]);

/** Whether a variable belongs to some CI, so that a rehearsed job must not inherit it from the real one around it. */
export function isCiVariable(name: string): boolean {
  return NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix));
}
