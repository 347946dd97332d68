import type { Platform } from './types.ts';

/** GitLab CI: a variable of any name under the job's `id_tokens` (since 15.7). */
export const gitlab: Platform = {
  key: 'gitlab',
  name: 'GitLab',
  // The exact text: gitlab-ci-local sets GITLAB_CI=false and gives no token.
  isHere: (env) => env['GITLAB_CI'] === 'true',
  absence: 'GITLAB_CI is not "true"',
  declare: (variable, audience) => [
    `add to this job: id_tokens: { ${variable}: { aud: ${audience ?? "the backend's URL"} } }`,
    'declared already? GitLab leaves the variable out, without a word, when it has no key to sign with',
  ],
  removed: {
    variables: ['CI_JOB_JWT', 'CI_JOB_JWT_V1', 'CI_JOB_JWT_V2'],
    since: '17.0',
    because: 'it names no audience; declare a token under id_tokens instead',
  },
};
