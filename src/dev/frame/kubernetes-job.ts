import type { CiJob } from './ci-job.ts';

const BOUND = { sub: 'system:serviceaccount:shop:deploy' } as const;

/** A pod with a projected service account token (ci-platforms-and-formats.md, section 1). */
export const KUBERNETES: CiJob = {
  ci: 'kubernetes',
  issuerPath: '',
  jwksPath: '/openid/v1/jwks',
  hasSignedModulus: false,
  lifetimeSeconds: 3600,
  claims: (facts) => ({
    ...BOUND,
    'kubernetes.io': {
      namespace: 'shop',
      pod: { name: 'deploy-7d4b9', uid: '6f0e1b3c-5d70-4c55-8d2a-b2a7d3c49e1f' },
      serviceaccount: { name: 'deploy', uid: '4d0e8a3e-2f7b-4c1d-9e80-4f1c9b6e5a0c' },
    },
    jti: facts.jti,
    iss: facts.issuer,
    // The API server makes a list of every audience.
    aud: [facts.audience],
    iat: facts.issuedAt,
    nbf: facts.issuedAt,
    exp: facts.issuedAt + facts.lifetimeSeconds,
  }),
  boundClaims: () => BOUND,
  token: {
    // No directory of the machine is touched: where a pod mounts its volume, a variable names a file.
    variables: ({ file }) => ({ SECRETCTL_TOKEN_FILE: file }),
    lead: ({ file }) => ({ SECRETCTL_TOKEN_FILE: file }),
  },
  directoryVariable: undefined,
  scratchVariable: undefined,
  variables: () => ({ KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }),
};
