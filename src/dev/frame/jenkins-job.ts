import type { CiJob } from './ci-job.ts';

const FOLDERS = 'job/acme/job/shop';
const NAME = 'acme/shop';
const BUILD = 7;

/** A Jenkins build with a token of the OpenID Connect Provider plugin (ci-platforms-and-formats.md, 3.2). */
export const JENKINS: CiJob = {
  ci: 'jenkins',
  issuerPath: '/oidc',
  jwksPath: '/oidc/jwks',
  hasSignedModulus: true,
  lifetimeSeconds: 3600,
  claims: (facts) => ({
    iss: facts.issuer,
    // The plugin adds to a set: a list of one.
    aud: [facts.audience],
    iat: facts.issuedAt,
    exp: facts.issuedAt + facts.lifetimeSeconds,
    ...bound(facts.origin),
    build_number: BUILD,
  }),
  boundClaims: bound,
  directoryVariable: 'WORKSPACE',
  scratchVariable: 'WORKSPACE_TMP',
  variables: (origin) => ({
    CI: 'true',
    JENKINS_URL: `${origin}/`,
    BUILD_ID: `${BUILD}`,
    BUILD_NUMBER: `${BUILD}`,
    BUILD_TAG: `jenkins-${NAME.replaceAll('/', '-')}-${BUILD}`,
    BUILD_URL: `${origin}/${FOLDERS}/${BUILD}/`,
    JOB_NAME: NAME,
    JOB_BASE_NAME: 'shop',
    JOB_URL: `${origin}/${FOLDERS}/`,
    NODE_NAME: 'built-in',
    EXECUTOR_NUMBER: '0',
  }),
};

function bound(origin: string): Readonly<Record<string, string>> {
  return { sub: `${origin}/${FOLDERS}/` };
}
