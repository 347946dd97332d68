/** What a reason code means for the process and for whoever decides whether to run the job again. */
interface Failure {
  /** Process exit code, sysexits where one fits (security.md, section 7). */
  readonly exit: number;
  /** Whether running the same job again can help. */
  readonly retryable: boolean;
}

const usage = { exit: 64, retryable: false } as const;
const data = { exit: 65, retryable: false } as const;
const noInput = { exit: 66, retryable: false } as const;
const notFound = { exit: 67, retryable: false } as const;
const unavailable = { exit: 69, retryable: true } as const;
const internal = { exit: 70, retryable: false } as const;
const system = { exit: 71, retryable: true } as const;
const refusedOutput = { exit: 73, retryable: false } as const;
const io = { exit: 74, retryable: true } as const;
const temporary = { exit: 75, retryable: true } as const;
const protocol = { exit: 76, retryable: false } as const;
const denied = { exit: 77, retryable: false } as const;
const config = { exit: 78, retryable: false } as const;
const tokenRefusedHere = { exit: 79, retryable: false } as const;
const trust = { exit: 80, retryable: false } as const;

/**
 * Every reason code and its exit code. Both are promises (P16): a row may be added, never changed. The message
 * that goes with a reason is not a promise.
 */
export const FAILURES = {
  // 64: the command line
  USAGE: usage,
  SECRET_IN_ARGV: usage,
  NAME_CLASH: usage,
  NAME_INVALID: usage,
  REFERENCE_INVALID: usage,
  // 65: data that cannot be used
  TOKEN_FORMAT: data,
  TOKEN_ENCRYPTED: data,
  TOKEN_TOO_LONG: data,
  TOKEN_CLAIMS: data,
  NOT_REPRESENTABLE: data,
  DOTENV_LIMIT: data,
  VALUE_EMPTY: data,
  TEMPLATE_INVALID: data,
  POLICY_IMPOSSIBLE: data,
  // 66: no ID token to begin with, no template
  TOKEN_MISSING: noInput,
  TOKEN_EMPTY: noInput,
  TOKEN_UNEXPANDED: noInput,
  TOKEN_FILE: noInput,
  NO_ID_TOKEN: noInput,
  TEMPLATE_FILE: noInput,
  // 67: not there
  SECRET_NOT_FOUND: notFound,
  FIELD_NOT_FOUND: notFound,
  // 69: nobody answered, or only with errors
  DNS: unavailable,
  CONNECT: unavailable,
  TIMEOUT: unavailable,
  TIMEOUT_HEADERS: unavailable,
  CONNECTION_LOST: unavailable,
  UNAVAILABLE: unavailable,
  PROXY_DENIED: unavailable,
  // 70, 71: us, the machine
  INTERNAL: internal,
  SPAWN_FAILED: system,
  SYSTEM_FAILED: system,
  ENV_TOO_BIG: { exit: 71, retryable: false },
  // 73: the output was refused before anything was written
  TRACKED_FILE: refusedOutput,
  NOT_IGNORED: refusedOutput,
  TARGET_UNSAFE: refusedOutput,
  NO_DIRECTORY: refusedOutput,
  NAME_FORBIDDEN: refusedOutput,
  STDOUT_IS_LOG: refusedOutput,
  SHELL_TRACE: refusedOutput,
  MASK_FAILED: refusedOutput,
  PLAINTEXT_ARTIFACT: refusedOutput,
  // 74: writing failed
  DISK_FULL: io,
  WRITE_FAILED: io,
  STDOUT_CLOSED: io,
  // 75: asked to wait longer than the deadline
  RATE_LIMITED: temporary,
  // 76: what came back is not the protocol
  REDIRECT_REFUSED: protocol,
  BAD_REQUEST: protocol,
  HEADERS_TOO_BIG: protocol,
  RESPONSE_TOO_BIG: protocol,
  ENCODING_REFUSED: protocol,
  TRUNCATED: protocol,
  FRAMING: protocol,
  NOT_THE_API: protocol,
  UNEXPECTED_ANSWER: protocol,
  BAD_JSON: protocol,
  TOKEN_DEAD_ON_ARRIVAL: protocol,
  PROXY_PROTOCOL: protocol,
  // 77: the server said no
  AUTH_REFUSED: denied,
  SECRET_DENIED: denied,
  LOCKED_OUT: denied,
  // 78: configuration and environment
  CONFIG_INVALID: config,
  CONFIG_TOO_BIG: config,
  CONFIG_MISSING: config,
  PLAIN_HTTP: config,
  URL_CREDENTIALS: config,
  URL_INVALID: config,
  ENDPOINT_NOT_ALLOWED: config,
  ENDPOINT_OVERRIDE: config,
  CA_FILE: config,
  CLIENT_KEY: config,
  UNSAFE_TLS_ENV: config,
  UNSAFE_NODE_OPTIONS: config,
  PROXY_AUTH: config,
  PROXY_SCHEME: config,
  CACHE_DIR: config,
  NODE_VERSION: config,
  // 79: the ID token was not sent
  ALG_REFUSED: tokenRefusedHere,
  TOKEN_CRIT: tokenRefusedHere,
  TOKEN_NO_EXP: tokenRefusedHere,
  TOKEN_EXPIRED: tokenRefusedHere,
  TOKEN_NOT_YET_VALID: tokenRefusedHere,
  TOKEN_LIFETIME: tokenRefusedHere,
  TOKEN_AUDIENCE: tokenRefusedHere,
  TOKEN_ISSUER: tokenRefusedHere,
  TOKEN_SIGNATURE: tokenRefusedHere,
  // 80: TLS
  TLS_TRUST: trust,
  TLS_VERSION: trust,
  TLS_NOT_TLS: trust,
  TLS_HANDSHAKE: trust,
  MTLS_REQUIRED: trust,
  // 126, 127: the child of `run`
  COMMAND_NOT_EXECUTABLE: { exit: 126, retryable: false },
  COMMAND_NOT_FOUND: { exit: 127, retryable: false },
  // 128+n: stopped by a signal
  HUNG_UP: { exit: 129, retryable: true },
  INTERRUPTED: { exit: 130, retryable: true },
  QUIT: { exit: 131, retryable: true },
  TERMINATED: { exit: 143, retryable: true },
} as const satisfies Record<string, Failure>;

/** A stable reason code. */
export type Reason = keyof typeof FAILURES;

/** What a failure carries besides its sentence. */
export interface FailureFacts {
  /** One thing to do, or several ways out, each a line of its own. */
  readonly hint?: string | readonly string[];
  /** Facts printed before the error line, one a line: the faults of a configuration, the claims of a token. */
  readonly details?: readonly string[];
  readonly retryAfterSeconds?: number;
  readonly requestId?: string;
}

/**
 * The only error that the program throws on purpose. Its message is made here, from fields that may be shown:
 * never a token, never a value, never the text of a caught error. Text from outside goes through `visible`.
 */
export class SecretctlError extends Error {
  readonly reason: Reason;
  readonly facts: FailureFacts;

  constructor(reason: Reason, message: string, facts: FailureFacts = {}) {
    super(message);
    this.name = 'SecretctlError';
    this.reason = reason;
    this.facts = facts;
  }

  get exit(): number {
    return FAILURES[this.reason].exit;
  }

  get retryable(): boolean {
    return FAILURES[this.reason].retryable;
  }

  get hints(): readonly string[] {
    const { hint } = this.facts;
    if (hint === undefined) return [];
    return typeof hint === 'string' ? [hint] : hint;
  }
}

/** The `code` of a Node system error (`ENOENT`, `ECONNRESET`, …), or undefined: the one part of it that may be shown. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The result, or undefined when the system said no; anything else that is thrown is a bug and goes on. */
export function unlessSystem<Result>(ask: () => Result): Result | undefined {
  try {
    return ask();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
