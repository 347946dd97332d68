import type { HttpClient } from '../lib/http.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { SecretRef } from '../lib/secrets.ts';
import type { Sensitive } from '../lib/sensitive.ts';
import type { SettingRows, SettingValues } from '../lib/settings.ts';
import type { AccessToken, SubjectToken } from '../lib/tokens.ts';

/** Settings that every backend has and that a product's own variables may give. */
export type CommonSetting =
  | 'url'
  | 'ca-file'
  | 'ca'
  | 'client-cert'
  | 'client-key'
  | 'server-name'
  | 'token-text'
  | 'token-file';

/** One product: a row of the table in `index.ts`. Everything the rest of the program knows about it. */
export interface BackendType<Rows extends SettingRows = SettingRows> {
  /** One word, everywhere: file name, `type:` in the configuration, `--backend`. */
  readonly type: string;
  /** The name people use. */
  readonly title: string;
  /** Signature algorithms its server accepts; another one is refused before a packet leaves. */
  readonly algorithms: readonly string[];
  /** Claims without which its server refuses any token. */
  readonly requiredClaims: readonly ('exp' | 'iat' | 'iss' | 'aud')[];
  /** Longest life of an ID token that the server takes, seconds. */
  readonly longestTokenSeconds?: number;
  readonly settings: Rows;
  /** The product's own variables for the common settings, first one set wins. With `url` set, no configuration file is needed. */
  readonly variables: Readonly<Partial<Record<CommonSetting, readonly string[]>>>;
  /** Faults that no single row can see; empty when all is well. Called before `create`. */
  check(url: URL, values: SettingValues<Rows>): readonly SettingsFault[];
  /** Base URL of the API, from the configured one: host detection, implied paths. Pure. */
  baseUrl?(url: URL, values: SettingValues<Rows>): URL;
  create(context: BackendContext<SettingValues<Rows>>): Backend;
}

/** What is wrong with settings taken together: a sentence, or a setting that must be given and is not. */
export type SettingsFault = string | MissingSetting;

/** A setting that must be given; in which ways it can be, the configuration knows. */
export interface MissingSetting {
  /** Key of its row. */
  readonly missing: string;
  /** Completes "account is missing: …". */
  readonly what: string;
}

/** What a backend gets to work with. */
export interface BackendContext<Values> {
  /** Its name in the configuration. */
  readonly name: string;
  readonly url: URL;
  readonly values: Values;
  /** Sends to this backend's endpoints and nowhere else. Paths are relative to the base URL. */
  readonly http: HttpClient;
  readonly invocation: Invocation;
  /** Most bytes of answer body that one read may bring. */
  readonly maxAnswerBytes: number;
}

/** One configured backend: who exchanges the ID token and holds the secrets. */
export interface Backend {
  readonly name: string;
  /**
   * What an access token is bound to besides endpoint, audience and certificates: authenticator path, account,
   * identity. Enters the name and the associated data of the kept token.
   */
  readonly cacheContext: readonly string[];
  /**
   * ID token -> access token, one request where the protocol allows. Throws AUTH_REFUSED (77) for a refusal, with
   * the server's code; the caller adds what the token said.
   */
  exchange(subjectToken: SubjectToken): Promise<AccessToken>;
  /**
   * One outcome per reference, in order; all missing and forbidden ones are found before it returns. Throws
   * {@link AccessTokenRefused} when the server no longer takes the access token.
   */
  fetchSecrets(accessToken: AccessToken, refs: readonly SecretRef[]): Promise<readonly Outcome[]>;
  /** The requests that `exchange` and `fetchSecrets` would send, for `--dry-run`. No packet. */
  plan(refs: readonly SecretRef[]): readonly PlannedRequest[];
}

/** A backend whose access tokens can be revoked. */
export interface Revoking {
  revoke(accessToken: AccessToken): Promise<void>;
}

/** Whether this backend can revoke. */
export function isRevoking(backend: Backend): backend is Backend & Revoking {
  return 'revoke' in backend && typeof backend.revoke === 'function';
}

/** What came of one reference. */
export type Outcome = Fetched | Refused;

/** A value that came. */
export interface Fetched {
  readonly ref: SecretRef;
  readonly value: Sensitive;
  /** What is left of `ref.field` to be selected inside the value as JSON: all of it, unless the product has fields itself. */
  readonly rest: readonly string[];
  /** The version the server gave, where it says. */
  readonly version?: string;
}

/** Why none came. */
export interface Refused {
  readonly ref: SecretRef;
  readonly refusal: 'missing' | 'forbidden';
  /** Completes "prod/db/password: …". From a fixed list or through `visible`. */
  readonly reason: string;
}

/** The server answered 401 to the access token: a kept one is forgotten and one fresh exchange made (P15). */
export class AccessTokenRefused extends Error {
  constructor() {
    super('the access token was refused');
    this.name = 'AccessTokenRefused';
  }
}

/** One line of `--dry-run`. */
export interface PlannedRequest {
  readonly purpose: 'exchange' | 'read' | 'check-out' | 'check-in' | 'revoke';
  readonly method: string;
  /** As it goes on the wire; holds no token. A part that only an earlier answer can give stands in braces: `{id}`. */
  readonly path: string;
  /** Names of the secrets this request brings. */
  readonly brings: readonly string[];
}
