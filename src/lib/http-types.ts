import type { Deadline } from './deadline.ts';
import type { Sensitive } from './sensitive.ts';

/** Where and how to connect; one client per backend. */
export interface HttpSettings {
  /** Base URLs, the preferred one first; the next one only when a connection fails or it answers 502, 503, 504. */
  readonly endpoints: readonly URL[];
  /** PEM certificates that replace the default roots, and where they came from for messages. */
  readonly ca?: { readonly pem: string; readonly origin: string };
  /** PEM certificate chain and key for mutual TLS. */
  readonly client?: { readonly certificate: string; readonly key: Sensitive };
  /** Name expected in the server's certificate, when it is not the host's. */
  readonly serverName?: string;
  readonly limits?: Partial<HttpLimits>;
  /** Lets plain http through to Google's metadata server, by its fixed name and on its port alone. */
  readonly isMetadataServer?: boolean;
}

/** Times in milliseconds, sizes in bytes (security.md, section 5). */
export interface HttpLimits {
  readonly connectAttemptMs: number;
  readonly connectMs: number;
  readonly headersMs: number;
  readonly idleBodyMs: number;
  readonly requestMs: number;
  readonly requestBytes: number;
  readonly headerBytes: number;
}

/** One request to a backend. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Appended as it is to the endpoint's base path; starts with `/`. Already encoded; never holds a secret. */
  readonly path: string;
  /** The path with its variable parts as `{names}`, for debug lines, so that alike ones look alike. */
  readonly label: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers whose values are secret; checked to be header-safe before use. */
  readonly secretHeaders?: Readonly<Record<string, Sensitive>>;
  readonly body?: Sensitive;
  /** Most bytes of answer body that are read; more is RESPONSE_TOO_BIG. */
  readonly maxAnswerBytes: number;
  /** `all`: transport faults and the statuses worth repeating. `transport`: only faults before a byte of the answer. `none`: never sent twice. */
  readonly retry: 'all' | 'transport' | 'none';
  /** Statuses that are handed back at once although `retry` would repeat them: what this product means by them is final. */
  readonly finalStatuses?: readonly number[];
  /** Statuses that are sent again besides the usual ones, where `retry` is `all`: this product means "not yet" by them. */
  readonly repeatStatuses?: readonly number[];
  /** A budget of its own in place of the command's: for what must still be cleaned up after that one ended. */
  readonly deadline?: Deadline;
  /** Asks for a content encoding that the protocol itself defines (Conjur's `base64`), which is then accepted in the answer. */
  readonly contentEncoding?: string;
}

/**
 * A complete answer: any status below 300 or from 400 up. From 400 up the body is empty when it was cut, too big or
 * encoded: an error page is no secret, and its status is what counts.
 */
export interface HttpAnswer {
  /** What it answers, for messages: `POST https://host/path`, at most a line long. */
  readonly request: string;
  /** How often that was sent until this answer came, and how long it took, milliseconds. */
  readonly tries: Tries;
  readonly status: number;
  /** Lower-case names; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The server's clock minus this machine's, milliseconds, from `Date`; undefined without one. */
  readonly clockOffsetMs: number | undefined;
  /** The server's own `x-request-id`, else the one that was sent. */
  readonly requestId: string | undefined;
}

/** What was done for one answer. */
export interface Tries {
  readonly count: number;
  readonly elapsedMs: number;
}

/** A backend's own client: what it sends goes to that backend's endpoints alone. */
export interface HttpClient {
  /** The base URL that answered last; before any answer, the preferred one. */
  readonly endpoint: URL;
  /** SHA-256, hex, of the CA in force (`system` without one) and of the client certificate (empty without one), for the cache context. */
  readonly trust: readonly [ca: string, clientCertificate: string];
  /** The server's clock minus this machine's, milliseconds, once an answer said; 0 before. */
  readonly clockOffsetMs: number;
  /** Sends within the command's deadline. Throws SecretctlError for everything but an answer. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes all connections. */
  close(): Promise<void>;
}
