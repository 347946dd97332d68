import { GITLAB } from './gitlab-job.ts';
import { JENKINS } from './jenkins-job.ts';

/** A CI whose job is rehearsed: a row of {@link CI_JOBS}. */
export interface CiJob {
  /** As `--ci` has it. */
  readonly ci: string;
  /** What follows the CI's origin in `iss`. */
  readonly issuerPath: string;
  /** Where its key set is published, below its origin. */
  readonly jwksPath: string;
  /** The CI's public origin is also the value of its own variables; whether its keys carry a leading zero byte. */
  readonly hasSignedModulus: boolean;
  /** Lifetime of a token that nobody configured, seconds. */
  readonly lifetimeSeconds: number;
  /** The claims set of a token that is signed now. */
  claims(facts: TokenFacts): Readonly<Record<string, unknown>>;
  /** Claims that stay the same from run to run: what an administrator binds. */
  boundClaims(origin: string): Readonly<Record<string, string>>;
  /** The CI's own variables, as far as programs look at them. */
  variables(origin: string): Readonly<Record<string, string>>;
  /** Its variable for the directory that the job works in. */
  readonly directoryVariable: string;
}

interface TokenFacts {
  /** `https://localhost:PORT`, where this rehearsal's CI would be. */
  readonly origin: string;
  readonly issuer: string;
  readonly audience: string;
  /** NumericDate, seconds. */
  readonly issuedAt: number;
  readonly lifetimeSeconds: number;
  readonly jti: string;
}

/** Every CI that can be rehearsed; the first one is the default. */
export const CI_JOBS: readonly [CiJob, ...CiJob[]] = [GITLAB, JENKINS];

/** The row of that name, or undefined. */
export function ciJob(ci: string): CiJob | undefined {
  return CI_JOBS.find((job) => job.ci === ci);
}

// Two letters of a family are enough to be taken for that CI by one program or another.
const FOREIGN_PREFIXES = [
  'GITLAB_',
  'CI_',
  'JENKINS_',
  'GITHUB_',
  'ACTIONS_',
  'RUNNER_',
  'FORGEJO_',
  'GITEA_',
  'BUILDKITE',
  'CIRCLE',
  'BITBUCKET_',
  'TEAMCITY_',
  'TRAVIS',
  'SEMAPHORE',
  'DRONE',
  'HARNESS_',
  'TFC_',
  'SPACELIFT_',
  'VERCEL',
  'CODEBUILD_',
  'SYSTEM_',
] as const;
const FOREIGN_NAMES = [
  'CI',
  'ACT',
  'TF_BUILD',
  'CF_BUILD_ID',
  'NETLIFY',
  'BUILDER_OUTPUT',
  'KUBERNETES_SERVICE_HOST',
  'BUILD_ID',
  'BUILD_NUMBER',
  'BUILD_TAG',
  'BUILD_URL',
  'JOB_NAME',
  'JOB_BASE_NAME',
  'JOB_URL',
  'NODE_NAME',
  'EXECUTOR_NUMBER',
  'WORKSPACE',
  'WORKSPACE_TMP',
] as const;

/** Whether a variable belongs to some CI, so that a rehearsed job must not inherit it from the real one around it. */
export function isCiVariable(name: string): boolean {
  return FOREIGN_NAMES.some((known) => known === name) || FOREIGN_PREFIXES.some((prefix) => name.startsWith(prefix));
}
