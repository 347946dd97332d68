import type { CiJob } from './ci-job.ts';

const BOUND = {
  sub: 'p://acme/shop/deploy',
  org_id: '4f1c9b6e-5a0c-4d0e-8a3e-2f7b6c1d9e80',
  prj_id: 'b2a7d3c4-9e1f-4c55-8d2a-6f0e1b3c5d70',
  def_id: '20',
  rpo_uri: 'https://dev.azure.com/acme/shop/_git/shop',
  rpo_ref: 'refs/heads/main',
} as const;

const PATH = '/acme/b2a7d3c4/_apis/distributedtask/hubs/build/plans/574/jobs/302/oidctoken';

/** An Azure Pipelines job with its access token mapped into the step (ci-platforms-and-formats.md, 3.4). */
export const AZURE: CiJob = {
  ci: 'azure',
  issuerPath: `/${BOUND.org_id}`,
  jwksPath: '/.well-known/jwks',
  hasSignedModulus: false,
  lifetimeSeconds: 600,
  audience: 'api://AzureADTokenExchange',
  claims: (facts) => ({
    ...BOUND,
    rpo_id: '1d0f8a52-63c4-4f7e-9b1a-0c2d4e6f8a10',
    rpo_ver: '8f3c1a5e0d7b4926c1f0a9e8d7c6b5a493827160',
    run_id: '574',
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
      method: 'POST',
      path: PATH,
      authorization: (right) => `Bearer ${right}`,
      member: 'oidcToken',
      query: { 'api-version': '7.1' },
      takesAudience: false,
      claims: ofConnection,
      noSignIn: ['x-tfs-fedauthredirect', 'Suppress'],
    },
    variables: ({ origin, right }) => ({ SYSTEM_OIDCREQUESTURI: `${origin}${PATH}`, SYSTEM_ACCESSTOKEN: right }),
    lead: () => ({ SECRETCTL_TOKEN_SOURCE: 'azure' }),
  },
  directoryVariable: 'BUILD_SOURCESDIRECTORY',
  scratchVariable: 'AGENT_TEMPDIRECTORY',
  variables: (origin) => ({
    TF_BUILD: 'True',
    SYSTEM_COLLECTIONURI: `${origin}/acme/`,
    SYSTEM_TEAMPROJECT: 'shop',
    SYSTEM_DEFINITIONID: BOUND.def_id,
    SYSTEM_JOBID: '302',
    BUILD_BUILDID: '574',
    BUILD_REASON: 'IndividualCI',
    BUILD_SOURCEBRANCH: BOUND.rpo_ref,
  }),
};

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The subject of a token for a service connection names that instead of the pipeline. */
function ofConnection(query: URLSearchParams): Readonly<Record<string, string>> | undefined {
  const connection = query.get('serviceConnectionId');
  if (connection === null) return {};
  return ID.test(connection) ? { sub: 'sc://acme/shop/rehearsal' } : undefined;
}
