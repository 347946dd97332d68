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
  /** The audience of a token for which nobody asked another one, where the CI has one for all of its jobs. */
  readonly audience?: string;
  /** How the job comes by its token; without it, in a variable that it declared. */
  readonly token?: JobToken;
  /** Its variable for the directory that the job works in. */
  readonly directoryVariable: string | undefined;
  /** Its variable for the job's private directory outside of that one; undefined when it has none. */
  readonly scratchVariable: string | undefined;
  /** Its variable for the file by which a step hands variables to the next ones; undefined when it has none. */
  readonly laterStepsVariable?: string;
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

/** A CI's own way of giving a job its token. */
export interface JobToken {
  /** Where the job asks for it: the rehearsal's issuer answers there. */
  readonly endpoint?: TokenEndpoint;
  /** The program that the job asks, for the front of its PATH. */
  readonly program?: TokenProgram;
  /** The job's variables that lead to it. */
  variables(place: TokenPlace): Readonly<Record<string, string>>;
  /** Variables by which this way is taken whatever a configuration file says. */
  lead(place: TokenPlace): Readonly<Record<string, string>>;
}

/** One path that answers with JSON. */
export interface TokenEndpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** What the request's `authorization` must be. */
  authorization(right: string): string;
  /** The member of the answer that holds the token. */
  readonly member: string;
  /** Parameters that the query must have, with these values; else the request is a bad one. */
  readonly query: Readonly<Record<string, string>>;
  /** Whether the job may choose the audience, as a parameter of the query. */
  readonly takesAudience: boolean;
  /** Claims that a parameter of the query changes, where it may; undefined for one that the CI refuses. */
  readonly claims?: (query: URLSearchParams) => Readonly<Record<string, string>> | undefined;
  /** A header and its value without which whoever has no right is sent to a page to sign in. */
  readonly noSignIn?: readonly [header: string, value: string];
}

/** A stand-in for a program of the CI's. */
export interface TokenProgram {
  readonly name: string;
  /** What it does, for a POSIX shell; `print_token AUDIENCE` prints a token, for the CI's own audience where that is empty. */
  readonly script: string;
}

/** What a job's token is found by. */
export interface TokenPlace {
  /** `https://localhost:PORT` of the issuer. */
  readonly origin: string;
  /** What gives the right to ask. */
  readonly right: string;
  /** One token, signed at the start, and a private file that holds it. */
  readonly token: string;
  readonly file: string;
}
