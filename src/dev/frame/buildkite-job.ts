import type { CiJob } from './ci-job.ts';

const COMMIT = '8f3c1a5e0d7b4926c1f0a9e8d7c6b5a493827160';
const JOB = '0190046e-e199-453b-a302-a21a4d649d31';

const BOUND = {
  organization_slug: 'acme',
  pipeline_slug: 'shop',
  build_branch: 'main',
  step_key: 'deploy',
  runner_environment: 'self-hosted',
} as const;

/** The agent's commands that a job of ours calls: a token, and what is to be hidden from the log, taken and dropped. */
const SCRIPT = `\
case "$1 $2" in
  'redactor add') exec cat >/dev/null ;;
  'oidc request-token') ;;
  *) echo 'the rehearsal knows: buildkite-agent oidc request-token, redactor add' >&2; exit 1 ;;
esac
if [ -z "$BUILDKITE_AGENT_ACCESS_TOKEN" ] || [ -z "$BUILDKITE_JOB_ID" ]; then
  echo 'the agent needs BUILDKITE_AGENT_ACCESS_TOKEN and BUILDKITE_JOB_ID' >&2
  exit 1
fi
shift 2
audience=
while [ $# -gt 0 ]; do
  case $1 in
    --audience) audience=\${2:?--audience needs a value}; shift ;;
    *) echo "the rehearsal does not know $1" >&2; exit 1 ;;
  esac
  shift
done
print_token "$audience"
`;

/** A Buildkite job with the agent on its PATH (ci-platforms-and-formats.md, 3.6). */
export const BUILDKITE: CiJob = {
  ci: 'buildkite',
  issuerPath: '',
  jwksPath: '/.well-known/jwks',
  hasSignedModulus: false,
  lifetimeSeconds: 300,
  claims: (facts) => ({
    ...BOUND,
    // It names the commit, so no administrator binds it as a whole.
    sub: `organization:acme:pipeline:shop:ref:refs/heads/main:commit:${COMMIT}:step:deploy`,
    build_number: 12,
    build_commit: COMMIT,
    build_source: 'webhook',
    job_id: JOB,
    agent_id: '0190046d-1111-4222-8333-444455556666',
    jti: facts.jti,
    iss: facts.issuer,
    aud: facts.audience,
    iat: facts.issuedAt,
    nbf: facts.issuedAt,
    exp: facts.issuedAt + facts.lifetimeSeconds,
  }),
  boundClaims: () => BOUND,
  token: {
    program: { name: 'buildkite-agent', script: SCRIPT },
    variables: () => ({}),
    lead: () => ({ SECRETCTL_TOKEN_SOURCE: 'buildkite' }),
  },
  directoryVariable: 'BUILDKITE_BUILD_CHECKOUT_PATH',
  scratchVariable: undefined,
  variables: (origin) => ({
    CI: 'true',
    BUILDKITE: 'true',
    BUILDKITE_JOB_ID: JOB,
    // Made up: a real agent makes one for each job.
    BUILDKITE_AGENT_ACCESS_TOKEN: `rehearsal-${'0'.repeat(32)}`,
    BUILDKITE_BUILD_NUMBER: '12',
    BUILDKITE_BUILD_URL: `${origin}/acme/shop/builds/12`,
    BUILDKITE_BRANCH: BOUND.build_branch,
    BUILDKITE_COMMIT: COMMIT,
    BUILDKITE_ORGANIZATION_SLUG: BOUND.organization_slug,
    BUILDKITE_PIPELINE_SLUG: BOUND.pipeline_slug,
    BUILDKITE_STEP_KEY: BOUND.step_key,
  }),
};
