import type { Invocation } from '../lib/invocation.ts';
import type { Sensitive } from '../lib/sensitive.ts';
import type { SubjectToken } from '../lib/tokens.ts';

/** What the configuration says about where the ID token is and what it should say. */
export interface TokenSettings {
  /** Name of the variable that holds the token, or the path of a file that holds it. */
  readonly env?: string;
  readonly file?: string;
  /** Read it from standard input. */
  readonly stdin?: boolean;
  /** The token itself, where another backend gave it, and the reference it came by, for messages. */
  readonly given?: { readonly jwt: Sensitive; readonly origin: string };
  /** The audience the token must carry. */
  readonly audience?: string;
  /** The issuer it must name. */
  readonly issuer?: string;
}

/** This job does not run there. */
interface NotHere {
  readonly here: false;
  /** Completes "GitLab: …", for the error that lists every source. */
  readonly reason: string;
}

/**
 * One place an ID token may come from. Three answers: the token; {@link NotHere}; or a throw, when the job runs
 * there and the token cannot be had (then no other source is tried).
 */
export interface TokenSource {
  /** The platform's or the way's name, for messages. */
  readonly name: string;
  read(token: TokenSettings, invocation: Invocation): Promise<SubjectToken | NotHere>;
}

/** One CI: how a job there is recognised, and how it gets an ID token into a variable. */
export interface Platform {
  /** As people call it. */
  readonly name: string;
  /** Whether this environment is one of its jobs. */
  isHere(env: Environment): boolean;
  /** Completes "GitLab: …" where it is not. */
  readonly absence: string;
  /** Variables that it filled by itself once: never looked at unless they are named. */
  readonly removed?: { readonly variables: readonly string[]; readonly since: string; readonly because: string };
  /** How a job declares `variable` for `audience`; each one a line to follow. */
  declare(variable: string, audience: string | undefined): readonly string[];
}

/** The job's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;
