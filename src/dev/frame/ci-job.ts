/** A CI whose job is rehearsed: a row of `jobs.ts`. */
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
  /** Its variable for the job's private directory outside of that one; undefined when it has none. */
  readonly scratchVariable: string | undefined;
}

/** What a token is signed with, besides the job itself. */
export interface TokenFacts {
  /** `https://localhost:PORT`, where this rehearsal's CI would be. */
  readonly origin: string;
  readonly issuer: string;
  readonly audience: string;
  /** NumericDate, seconds. */
  readonly issuedAt: number;
  readonly lifetimeSeconds: number;
  readonly jti: string;
}
