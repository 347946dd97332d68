import type { CiJob } from './ci-job.ts';

const ORGANISATION = '5d1f2c84-0b6e-4a39-9c7d-8e3f4a5b6c70';
const PROJECT = '9b8a7c6d-5e4f-4321-8abc-def012345678';

const BOUND = {
  sub: `org/${ORGANISATION}/project/${PROJECT}/user/7a6b5c4d-3e2f-4110-9f8e-7d6c5b4a3920/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main`,
  'oidc.circleci.com/org-id': ORGANISATION,
  'oidc.circleci.com/project-id': PROJECT,
  'oidc.circleci.com/vcs-origin': 'github.com/acme/shop',
  'oidc.circleci.com/vcs-ref': 'refs/heads/main',
} as const;

/** Takes the audience out of what our own client gives it; another caller's JSON may be written otherwise. */
const SCRIPT = `\
if [ "$1 $2 $3 $4" != 'run oidc get --claims' ] || [ $# != 5 ]; then
  echo 'the rehearsal knows: circleci run oidc get --claims JSON' >&2
  exit 1
fi
print_token "$(printf '%s' "$5" | sed -n 's/.*"aud": *"\\([^"]*\\)".*/\\1/p')"
`;

/** A CircleCI job (ci-platforms-and-formats.md, 3.5). */
export const CIRCLECI: CiJob = {
  ci: 'circleci',
  issuerPath: `/org/${ORGANISATION}`,
  jwksPath: `/org/${ORGANISATION}/.well-known/jwks-pub.json`,
  hasSignedModulus: false,
  lifetimeSeconds: 3600,
  audience: ORGANISATION,
  claims: (facts) => ({
    ...BOUND,
    'oidc.circleci.com/job-id': 'c0ffee00-1111-4222-8333-444455556666',
    'oidc.circleci.com/pipeline-id': 'c0ffee00-7777-4888-8999-aaaabbbbcccc',
    'oidc.circleci.com/ssh-rerun': false,
    jti: facts.jti,
    iss: facts.issuer,
    aud: facts.audience,
    iat: facts.issuedAt,
    exp: facts.issuedAt + facts.lifetimeSeconds,
  }),
  boundClaims: () => BOUND,
  token: {
    program: { name: 'circleci', script: SCRIPT },
    variables: ({ token }) => ({ CIRCLE_OIDC_TOKEN_V2: token }),
    lead: () => ({ SECRETCTL_TOKEN_SOURCE: 'circleci' }),
  },
  directoryVariable: 'CIRCLE_WORKING_DIRECTORY',
  scratchVariable: undefined,
  laterStepsVariable: 'BASH_ENV',
  variables: (origin) => ({
    CI: 'true',
    CIRCLECI: 'true',
    CIRCLE_JOB: 'rehearsal',
    CIRCLE_BUILD_NUM: '302',
    CIRCLE_BUILD_URL: `${origin}/acme/shop/302`,
    CIRCLE_BRANCH: 'main',
    CIRCLE_PROJECT_USERNAME: 'acme',
    CIRCLE_PROJECT_REPONAME: 'shop',
  }),
};
