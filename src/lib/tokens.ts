import type { JsonObject } from './json.ts';
import type { Sensitive } from './sensitive.ts';

/** The claims set of an ID token, read but not verified: good for messages and for refusing to send, never for granting. */
export interface Claims {
  readonly iss: string | undefined;
  readonly sub: string | undefined;
  /** RFC 7519 4.1.3: one or several; empty when absent. */
  readonly aud: readonly string[];
  /** NumericDate, seconds. */
  readonly exp: number | undefined;
  readonly nbf: number | undefined;
  readonly iat: number | undefined;
  readonly jti: string | undefined;
  /** Every claim, as it stands. */
  readonly all: JsonObject;
}

/** The JOSE header, as far as anyone here needs it. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly crit: boolean;
}

/** The job's ID token in its role as input of an exchange (RFC 8693 2.1). */
export interface SubjectToken {
  /** The compact JWT. Its bytes are also what the token cache derives its key from, unless there is a `jobSecret`. */
  readonly jwt: Sensitive;
  readonly header: TokenHeader;
  readonly claims: Claims;
  /** Where it came from, for messages: `variable SECRETCTL_ID_TOKEN`, `file /var/run/…`. */
  readonly origin: string;
  /** The configured name of the variable it came from, so that `run` can remove it. */
  readonly variable?: string;
  /**
   * How its source gives a later one: a file is `read` again and may still hold this one; a request or a program is
   * `asked`, and each answer is another token. Undefined where there is none.
   */
  readonly renewal?: 'read' | 'asked';
  /**
   * Where each command of the job has another JWT: a secret that all of them have and no other job, the right to ask. It
   * opens what the job kept.
   */
  readonly jobSecret?: Sensitive;
}

/** A backend's short-lived access token (RFC 6749 1.4). */
export interface AccessToken {
  readonly value: Sensitive;
  /** End of life on this machine's clock, milliseconds since 1970; undefined when unknown, and then it is never kept. */
  readonly expiresAtMs: number | undefined;
  /** Full length of its life, seconds; undefined when unknown. */
  readonly lifetimeSeconds: number | undefined;
  /**
   * Set where nothing was exchanged: the value is the ID token in the form that every request carries. It is never kept
   * and there is nothing to revoke; a refusal of it is one of the ID token.
   */
  readonly isIdToken?: true;
}
