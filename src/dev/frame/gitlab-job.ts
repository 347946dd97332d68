import type { CiJob } from './ci-job.ts';

const PROJECT = 'acme/shop';
const REF = 'main';
const SHA = '8f3c1a5e0d7b4926c1f0a9e8d7c6b5a493827160';

/** Neither the job nor its user: what stays the same from pipeline to pipeline. Numbers are strings. */
const BOUND = {
  namespace_id: '72',
  namespace_path: 'acme',
  project_id: '20',
  project_path: PROJECT,
  ref: REF,
  ref_type: 'branch',
  ref_path: `refs/heads/${REF}`,
  ref_protected: 'true',
  project_visibility: 'private',
  sub: `project_path:${PROJECT}:ref_type:branch:ref:${REF}`,
} as const;

/** A GitLab job with an `id_tokens` entry (ci-platforms-and-formats.md, 3.1; GitLab's ID token documentation). */
export const GITLAB: CiJob = {
  ci: 'gitlab',
  issuerPath: '',
  jwksPath: '/oauth/discovery/keys',
  hasSignedModulus: false,
  lifetimeSeconds: 300,
  claims: (facts) => ({
    ...BOUND,
    user_id: '7',
    user_login: 'rehearsal',
    user_email: 'rehearsal@example.com',
    user_access_level: 'maintainer',
    pipeline_id: '574',
    pipeline_source: 'push',
    job_id: '302',
    runner_id: 1,
    runner_environment: 'self-hosted',
    sha: SHA,
    ci_config_ref_uri: `${new URL(facts.origin).host}/${PROJECT}//.gitlab-ci.yml@refs/heads/${REF}`,
    ci_config_sha: SHA,
    jti: facts.jti,
    iss: facts.issuer,
    iat: facts.issuedAt,
    nbf: facts.issuedAt - 5,
    exp: facts.issuedAt + facts.lifetimeSeconds,
    aud: facts.audience,
  }),
  boundClaims: () => BOUND,
  directoryVariable: 'CI_PROJECT_DIR',
  // GitLab's is CI_PROJECT_DIR with ".tmp" behind it. Beside the user's directory a rehearsal makes none, and were
  // CI_PROJECT_DIR a link to that directory elsewhere, no file could be written below it: links are refused.
  scratchVariable: undefined,
  variables: (origin) => ({
    CI: 'true',
    GITLAB_CI: 'true',
    CI_SERVER_URL: origin,
    CI_SERVER_HOST: new URL(origin).hostname,
    CI_JOB_ID: '302',
    CI_JOB_NAME: 'rehearsal',
    CI_JOB_STAGE: 'test',
    CI_JOB_URL: `${origin}/${PROJECT}/-/jobs/302`,
    CI_PIPELINE_ID: '574',
    CI_PIPELINE_SOURCE: 'push',
    CI_PROJECT_ID: BOUND.project_id,
    CI_PROJECT_NAME: 'shop',
    CI_PROJECT_NAMESPACE: BOUND.namespace_path,
    CI_PROJECT_PATH: PROJECT,
    CI_COMMIT_REF_NAME: REF,
    CI_COMMIT_BRANCH: REF,
    CI_COMMIT_REF_PROTECTED: BOUND.ref_protected,
    CI_COMMIT_SHA: SHA,
    GITLAB_USER_LOGIN: 'rehearsal',
  }),
};
