import type { JsonObject } from '../lib/json.ts';

/**
 * One product's strict rehearsal server: a row of the table in `dev/index.ts`. It refuses exactly what the real
 * product refuses. The frame does TLS, recording, faults and latency; this does the product.
 */
export interface StrictProduct {
  /** The same word as the backend's. */
  readonly type: string;
  /** Set where the product holds values of one kind only; without it, it holds any bytes at any path. */
  readonly ownValues?: OwnValues;
  /** Set where all that a client gets stands, as text, in the answer to the login: nothing is read or forbidden after it. */
  readonly readsNothing?: true;
  start(world: RehearsalWorld): StrictServer;
  /**
   * What the texts that `secretctl policy` writes bind, read as strictly as the product reads them. Throws
   * CONFIG_INVALID for what the product would not load.
   */
  readPolicy?(documents: readonly PolicyText[], options: ReadonlyMap<string, string>): Promise<LoadedPolicy>;
}

/** One text that an administrator loads. */
export interface PolicyText {
  /** A file's name, which also says what it is. */
  readonly name: string;
  /** Where inside the product it is loaded, where that is not said by its name. */
  readonly place?: string;
  readonly text: string;
}

/** What a policy binds: it stands in for what the rehearsal knows of the job. */
export interface LoadedPolicy {
  readonly issuer: string;
  /** Undefined where it says nothing about that; the rehearsal's own counts then. */
  readonly audience?: string;
  readonly boundClaims: Readonly<Record<string, BoundValue>>;
  /** Whether the job may read what is at a path; without it, the texts say nothing about that. */
  mayRead?(path: string): boolean;
  /** What else the product's own server goes by, by names of its own. */
  readonly facts: Readonly<Record<string, string>>;
}

/** A claim's value that is compared with its type: `"22"` is not 22. */
export type BoundValue = string | number | boolean;

/** Values of a product that holds no others: certificates with their keys. */
export interface OwnValues {
  /** Where values lie when nobody says it. */
  readonly paths: readonly string[];
  /**
   * Makes one up for each of these paths, as a reference without a field brings it. The server is never asked to hold
   * anything else; a secret that is given without a value is made up too.
   */
  make(paths: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
  /** What references with a field bring of such a value, by field: some of them, enough to try. */
  fieldsOf(value: Buffer): Readonly<Record<string, Buffer>>;
}

/** What a strict server is made from. */
export interface RehearsalWorld {
  /** Values by path. A server may hold several versions: the last one is the newest. */
  readonly secrets: ReadonlyMap<string, readonly Buffer[]>;
  /** Paths that exist but that the job's identity may not read. */
  readonly forbidden: ReadonlySet<string>;
  /** Checks a JWT's signature against the rehearsal issuer's keys; undefined when it does not verify. Times and claims are the product's to check. */
  verify(jwt: string, algorithms: readonly string[]): Promise<VerifiedToken | undefined>;
  /** The issuer's URL, as `iss` has it. */
  readonly issuer: string;
  readonly audience: string;
  /** Claims (name -> value) that this job's token carries and that do not change between its runs: what an administrator would bind. */
  readonly boundClaims: Readonly<Record<string, BoundValue>>;
  /** The policy that was loaded; issuer, audience and bound claims are its own then. */
  readonly policy?: LoadedPolicy;
  /** Wall clock of the server, milliseconds: tests shift it. */
  now(): number;
  /** Bytes that nobody can guess. */
  random(bytes: number): Buffer;
  /** Product variants and oddities, each product's own: `edition=saas`, `identity=url`, `token-lifetime=2`. */
  readonly options: ReadonlyMap<string, string>;
}

/** A JWT whose signature is the issuer's. */
export interface VerifiedToken {
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

/** One running strict server, without the wire: the frame brings it requests and takes its answers. */
export interface StrictServer {
  /** What a request is, for faults and the report's counts; undefined when it is neither. */
  classify(request: ServerRequest): 'exchange' | 'read' | undefined;
  handle(request: ServerRequest): Promise<ServerReply>;
  /**
   * The product's own variables, as its clients know them, for a job that uses this server at `url`. Without the
   * token's and the CA's.
   */
  variables(url: string): Readonly<Record<string, string>>;
  /** The name of the product's variable for a CA file. */
  readonly caVariable: string | undefined;
  /** The `backends:` entry, by key, that a configuration file needs for this server at `url`. */
  configuration(url: string): Configured;
  /** Changes that a test makes while the server runs: `rotate-keys`, `revoke-tokens`. Throws on an unknown word. */
  disturb?(what: string): void;
}

/** Values of a `backends:` entry, by key, each as the file has it. */
export type Configured = Readonly<Record<string, string | boolean | number | readonly string[]>>;

/** One request, read to its end. */
export interface ServerRequest {
  readonly method: string;
  /** Path and query exactly as on the wire. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly remoteAddress: string;
}

/** One answer; without headers or body when it has none. */
export interface ServerReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}
