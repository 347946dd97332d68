import type { CiJob } from './ci-job.ts';

const BOUND = {
  repository: 'acme/shop',
  repository_id: '7201',
  repository_owner: 'acme',
  repository_owner_id: '72',
  repository_visibility: 'private',
  ref: 'refs/heads/main',
  ref_type: 'branch',
  ref_protected: 'true',
  job_workflow_ref: 'acme/shop/.github/workflows/deploy.yml@refs/heads/main',
  sub: 'repo:acme/shop:ref:refs/heads/main',
} as const;

const SHA = '8f3c1a5e0d7b4926c1f0a9e8d7c6b5a493827160';
const PATH = '/_apis/jobs/302/idtoken';

/** A GitHub Actions job with the permission `id-token: write` (ci-platforms-and-formats.md, 3.3). */
export const GITHUB: CiJob = {
  ci: 'github',
  issuerPath: '',
  jwksPath: '/.well-known/jwks',
  hasSignedModulus: false,
  lifetimeSeconds: 300,
  claims: (facts) => ({
    ...BOUND,
    actor: 'rehearsal',
    actor_id: '7',
    event_name: 'push',
    run_id: '574',
    run_number: '12',
    run_attempt: '1',
    runner_environment: 'github-hosted',
    sha: SHA,
    workflow: 'deploy',
    workflow_sha: SHA,
    jti: facts.jti,
    iss: facts.issuer,
    aud: facts.audience,
    iat: facts.issuedAt,
    nbf: facts.issuedAt - 600,
    exp: facts.issuedAt + facts.lifetimeSeconds,
  }),
  boundClaims: () => BOUND,
  token: {
    endpoint: {
      method: 'GET',
      path: PATH,
      authorization: (right) => `Bearer ${right}`,
      member: 'value',
      query: { 'api-version': '2.0' },
      takesAudience: true,
    },
    variables: ({ origin, right }) => ({
      ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}${PATH}?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: right,
    }),
    lead: () => ({ SECRETCTL_TOKEN_SOURCE: 'github' }),
  },
  directoryVariable: 'GITHUB_WORKSPACE',
  scratchVariable: 'RUNNER_TEMP',
  laterStepsVariable: 'GITHUB_ENV',
  variables: (origin) => ({
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: origin,
    GITHUB_REPOSITORY: BOUND.repository,
    GITHUB_REPOSITORY_OWNER: BOUND.repository_owner,
    GITHUB_REF: BOUND.ref,
    GITHUB_SHA: SHA,
    GITHUB_EVENT_NAME: 'push',
    GITHUB_WORKFLOW: 'deploy',
    GITHUB_JOB: 'rehearsal',
    GITHUB_RUN_ID: '574',
    GITHUB_RUN_NUMBER: '12',
    GITHUB_RUN_ATTEMPT: '1',
    RUNNER_OS: 'Linux',
  }),
};
