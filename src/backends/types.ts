import type { ClaimWish } from '../lib/choose-claims.ts';
import type { HttpClient } from '../lib/http.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { FileSystem } from '../lib/runtime.ts';
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
  /** Signature algorithms its server accepts; another one is refused before a packet leaves. None: it takes no ID token. */
  readonly algorithms: readonly string[];
  /** Claims without which its server refuses any token. */
  readonly requiredClaims: readonly ('exp' | 'iat' | 'iss' | 'aud')[];
  /** Longest life of an ID token that the server takes, seconds. */
  readonly longestTokenSeconds?: number;
  /** The audience that its server expects where nobody has chosen another; without it, most choose the server's own address. */
  readonly usualAudience?: string;
  readonly settings: Rows;
  /** The product's own variables for the common settings, first one set wins. With `url` set, no configuration file is needed. */
  readonly variables: Readonly<Partial<Record<CommonSetting, readonly string[]>>>;
  /** What its paths may begin with, in front of a colon; such a word is no mistyped name of a backend. */
  readonly pathPrefixes?: readonly string[];
  /** The product's own variables that another one of them switches off: they count as not set. Pure. */
  silenced?(env: Readonly<Record<string, string | undefined>>): readonly string[];
  /** Faults that no single row can see; empty when all is well. Called before `create`. */
  check(url: URL, values: SettingValues<Rows>): readonly SettingsFault[];
  /** Where it is when nobody says: the product's public address, or what is missing to know it. Pure. */
  defaultUrl?(values: SettingValues<Rows>): URL | SettingsFault;
  /**
   * Groups of variables: where this product is used, all of one of them are set, though none is an address. With a
   * `defaultUrl`, no configuration file is needed either. They count only where no product's address is set.
   */
  readonly announcedBy?: readonly (readonly string[])[];
  /** Variables of the product's own clients that hold a standing credential: none is used, and who set one is told so. */
  readonly standing?: readonly string[];
  /** Why no other address can stand in for its own: completes "fallback-url is not for X: …". */
  readonly noFallback?: string;
  /** Base URL of the API, from the configured one: host detection, implied paths. Pure. */
  baseUrl?(url: URL, values: SettingValues<Rows>): URL;
  /** The product's addresses besides `url`. Pure; called once the settings are checked. */
  services?(url: URL, values: SettingValues<Rows>): readonly Service[];
  /** Whether the ID token goes to `url` although a service takes it as well. Pure. */
  urlTakesIdToken?(values: SettingValues<Rows>): boolean;
  /** Whether an address is one that the product's makers run for everybody: what is sent there, nobody else gets. Pure. */
  isPublic?(url: URL): boolean;
  /**
   * Where a file of the product's own, which a setting names, says that the ID token is. It counts where nobody else
   * names a place. Throws CONFIG_MISSING or CONFIG_INVALID.
   */
  tokenPlace?(values: SettingValues<Rows>, fs: FileSystem): TokenPlace | NoTokenPlace | undefined;
  /** Loads what the product needs and makes a backend of it. Sends nothing. */
  create(context: BackendContext<SettingValues<Rows>>): Promise<Backend>;
}

/** A file that holds the ID token. */
export interface TokenPlace {
  readonly file: string;
  /** The file is a JSON object, and this member of it is the token; without it, all of the file is. */
  readonly fileMember?: string;
}

/** Why such a file says of none. */
export interface NoTokenPlace {
  /** Completes "a file: …". */
  readonly noFile: string;
}

/** Whether variables that are set say that this product is used, as its address is public. */
export function isAnnounced({ announcedBy = [] }: BackendType, isSet: (name: string) => boolean): boolean {
  return announcedBy.some((group) => group.every(isSet));
}

/** One more address of a product, with a client of its own: a token service, a second API. */
export interface Service {
  /** What {@link BackendContext.service} is asked for. */
  readonly name: string;
  readonly url: URL;
  /** Key of the setting that gave the address; undefined for one that the product's makers publish. */
  readonly setting?: string;
  /** Key of another one that has a part in it. */
  readonly alsoFrom?: string;
  /** Set where the ID token goes there and not to the backend's `url`. */
  readonly takesIdToken?: true;
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
  /** The same for one of the type's `services`, by its name. */
  service(name: string): HttpClient;
  readonly invocation: Invocation;
  /** Most bytes of answer body that one read may bring. */
  readonly maxAnswerBytes: number;
  /**
   * The server counts each ID token it is sent: an exchange sends it once. The clients see to what they repeat
   * themselves; what a backend would send again, it does not.
   */
  readonly singleUse: boolean;
}

/** One configured backend: who holds the secrets, and how it is logged in to. */
export type Backend = Reading & (Exchanging | LoggingIn);

/** What every backend does. */
export interface Reading {
  readonly name: string;
  /**
   * What an access token is bound to besides endpoint, services, audience and certificates: authenticator path,
   * account, identity. Enters the name and the associated data of the kept token.
   */
  readonly cacheContext: readonly string[];
  /**
   * One outcome per reference, in order; all missing and forbidden ones are found before it returns. Throws
   * {@link AccessTokenRefused} when the server no longer takes the access token.
   */
  fetchSecrets(accessToken: AccessToken, refs: readonly SecretRef[]): Promise<readonly Outcome[]>;
  /**
   * The requests that the login and `fetchSecrets` would send, for `--dry-run`. No packet. Settings that name another
   * backend's secret are not known yet.
   */
  plan(refs: readonly SecretRef[]): readonly PlannedRequest[];
}

/** A backend that takes the job's ID token. */
export interface Exchanging {
  /**
   * ID token -> access token, one request where the protocol allows. Throws AUTH_REFUSED (77) for a refusal, with
   * the server's code; the caller adds what the token said.
   */
  exchange(subjectToken: SubjectToken): Promise<AccessToken>;
}

/** A backend that takes no ID token: its settings have what it takes, most often from another backend (a chain). */
export interface LoggingIn {
  /** Settings -> access token. Throws AUTH_REFUSED (77) for a refusal, with the server's code. */
  logIn(): Promise<AccessToken>;
}

/** Whether this backend logs in without the job's ID token. */
export function isLoggingIn(backend: Backend): backend is Reading & LoggingIn {
  return 'logIn' in backend;
}

/** A backend that gives a new access token for one that is about to end. */
export interface Refreshing {
  /** Throws {@link AccessTokenRefused} where that one is too old already. */
  refresh(accessToken: AccessToken): Promise<AccessToken>;
}

/** Whether this backend can refresh. */
export function isRefreshing(backend: Backend): backend is Backend & Refreshing {
  return 'refresh' in backend && typeof backend.refresh === 'function';
}

/** A backend whose access tokens consist of several secrets, each of which could show without the others. */
export interface Composing {
  /** All of them; none for what is no such access token. They are hidden wherever the token itself is. */
  partsOf(accessToken: AccessToken): readonly Sensitive[];
}

/** Whether this backend's access tokens have parts. */
export function isComposing(backend: Backend): backend is Backend & Composing {
  return 'partsOf' in backend && typeof backend.partsOf === 'function';
}

/** A backend whose access tokens can be revoked. */
export interface Revoking {
  revoke(accessToken: AccessToken): Promise<void>;
}

/** Whether this backend can revoke. */
export function isRevoking(backend: Backend): backend is Backend & Revoking {
  return 'revoke' in backend && typeof backend.revoke === 'function';
}

/** A backend that can say what its administrator has to configure so that this job's token is accepted. */
export interface PolicyWriting {
  /**
   * The server's side of this backend for this token, complete enough to be loaded as it is. Sends nothing. Throws
   * POLICY_IMPOSSIBLE (65) when no claim of the token can be bound, or what was wished for cannot be.
   */
  writePolicy(request: PolicyRequest): Promise<Policy>;
}

/** Whether this backend can write policy. */
export function isPolicyWriting(backend: Backend): backend is Backend & PolicyWriting {
  return 'writePolicy' in backend && typeof backend.writePolicy === 'function';
}

/** Whom a policy is for and what it opens. */
export interface PolicyRequest {
  readonly subjectToken: SubjectToken;
  /** The audience that is configured. */
  readonly audience: string | undefined;
  /** The secrets that the job may read. */
  readonly refs: readonly SecretRef[];
  /** Which claims to bind. */
  readonly wish: ClaimWish;
}

/** What an administrator loads, and what else could be done. */
export interface Policy {
  readonly documents: readonly PolicyDocument[];
  /** Each a sentence: what else could be bound, what to look out for. */
  readonly notes: readonly string[];
}

/** One text for one place. */
export interface PolicyDocument {
  /** A file's name, which also says what it is: `role.json`, `conjur-policy.yml`. */
  readonly name: string;
  /** What to do with it, a sentence or a command. */
  readonly use: string;
  /** The place inside the product that it is loaded into, where that is not said by its name: a branch of policy. */
  readonly place?: string;
  /** Safe to print: what a log would take for a command is escaped. */
  readonly text: string;
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
  /** Where it goes, when that is not the backend's own `url`. */
  readonly origin?: string;
  /** As it goes on the wire; holds no token. A part that only an earlier answer can give stands in braces: `{id}`. */
  readonly path: string;
  /** Names of the secrets this request brings. */
  readonly brings: readonly string[];
}
