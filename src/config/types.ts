import type { ReportLimits } from '../formats/types.ts';
import type { SecretRef } from '../lib/secrets.ts';
import type { TokenSettings } from '../sources/types.ts';

/** What the command line says, before anything is judged: `cli` makes it, `loadSettings` reads it. */
export interface RawOptions {
  /** `fetch`, `login`, …: decides which settings are looked at and whether secrets must be asked for. */
  readonly command: CommandName;
  /** Positional arguments: `NAME=REF`, a bare `REF`, or the name of a configured secret. */
  readonly arguments: readonly string[];
  /** Flag values as typed, by flag without `--` (`token-env`, `conjur-account`); a switch that was given is `true`. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
}

/** The commands that read a configuration. */
export type CommandName = 'fetch' | 'run' | 'mask' | 'login' | 'logout' | 'policy' | 'token';

/** Everything that was configured, frozen. After `config/load.ts` nobody asks argv, the environment or the file for a setting. */
export interface Settings {
  readonly general: GeneralSettings;
  /** Every configured backend. */
  readonly backends: readonly BackendSettings[];
  /** Where the ID token is, for `token` where no backend is configured; undefined where one is. */
  readonly jobToken: JobToken | undefined;
  /** The backend of references without a prefix: `--backend`, else `default-backend`, else the only one. */
  readonly defaultBackend: string | undefined;
  /** The backend that this very run was pointed to, by `--backend` or its variable: `login` and `logout` leave the others alone. */
  readonly chosenBackend: string | undefined;
  /** What was asked for: the arguments, or without arguments the configuration's secrets. Names are unique. */
  readonly secrets: readonly SecretRequest[];
  readonly output: OutputSettings;
  /** What `run` does for and with its child. */
  readonly child: ChildSettings;
  /** What `mask` was told to look for. */
  readonly filter: FilterSettings;
  /** The configuration file that was read, if any. */
  readonly configFile: string | undefined;
  /** What was said and is probably not meant so, one sentence each. */
  readonly warnings: readonly string[];
}

/** What holds for the whole run. */
export interface GeneralSettings {
  readonly timeoutMs: number;
  readonly errorFormat: 'text' | 'json';
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly dryRun: boolean;
  /** False under `--no-cache`. */
  readonly cache: boolean;
  readonly cacheDir: string | undefined;
  readonly allowUnsafeRuntime: boolean;
  /** The largest answer to a read, bytes: 1 MiB, raised at most to 16 MiB. */
  readonly maxAnswerBytes: number;
}

/** One configured backend, its own settings and those that every backend has. */
export interface BackendSettings {
  readonly name: string;
  readonly type: string;
  /** Checked: scheme, no credentials, no odd path. Whether its origin is an allowed one is the session's question. */
  readonly url: URL;
  /** Where the url was said; one that a file in the repository says is less trusted (security.md 6.3). */
  readonly urlFrom: SaidBy | 'default';
  /** Endpoints to go on with when the first cannot be reached. */
  readonly fallbackUrls: readonly URL[];
  /** Where those were said; undefined without any. */
  readonly fallbackUrlsFrom: SaidBy | undefined;
  readonly token: TokenSettings;
  readonly tls: TlsSettings;
  /** The server takes each ID token once only: the exchange is never sent twice blindly. */
  readonly singleUse: boolean;
  /** The product's own settings by key, parsed, defaults filled in. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Where those were said that are no default. */
  readonly valuesFrom: Readonly<Record<string, SaidBy>>;
  /** What another backend gives it: until then, those of `values` are undefined. */
  readonly chained: readonly ChainedSetting[];
}

/** An ID token that is for no backend in particular, and the certificates that are trusted besides the usual ones. */
export interface JobToken {
  readonly token: TokenSettings;
  readonly tls: Pick<TlsSettings, 'ca' | 'caFile'>;
}

/** Who said a setting. */
export type SaidBy = 'flag' | 'variable' | 'file';

/** A setting whose value is a secret of another backend. */
export interface ChainedSetting {
  /** Its key among the backend's own settings; `token` for the ID token. */
  readonly key: string;
  /** Which part of it, where the setting has several. */
  readonly part?: string;
  readonly ref: SecretRef;
}

/** Whom a connection trusts and what it shows of itself; nothing has been read yet. */
export interface TlsSettings {
  readonly caFile: string | undefined;
  /** PEM text. */
  readonly ca: string | undefined;
  readonly clientCertFile: string | undefined;
  readonly clientKeyFile: string | undefined;
  readonly serverName: string | undefined;
}

/** One secret that was asked for. */
export interface SecretRequest {
  readonly ref: SecretRef;
  /** True when the name was written by the user, false when it was derived from the path. */
  readonly isNamed: boolean;
  readonly optional: boolean;
  /** Stands in when an optional secret does not exist. */
  readonly default: string | undefined;
  /** `file: true`: `run` hands it over as a file. */
  readonly file: boolean;
  /** `file-name:`, where it is not the secret's own name. */
  readonly fileName?: string;
  /** Another way to understand what was written, for when it does not exist. */
  readonly hint?: string;
}

/** How the secrets are called. */
export interface NamingSettings {
  /** Stands before each name. */
  readonly prefix: string;
  /** A name that is made from a path keeps its letter case. */
  readonly keepsCase: boolean;
}

/** How and where the values go. */
export interface OutputSettings {
  /** A name of the formats table; undefined where nothing is written but files, or a template takes its place. */
  readonly format: string | undefined;
  /** `-o FILE`; undefined for stdout. */
  readonly file: string | undefined;
  /** `--files DIR`. */
  readonly files: string | undefined;
  /** What the name of a variable ends with that holds the path of such a file. */
  readonly pathSuffix: string;
  readonly template: string | undefined;
  readonly encode: 'base64' | undefined;
  readonly naming: NamingSettings;
  readonly printPlaintextToLog: boolean;
  readonly shellTraceIsOff: boolean;
  readonly requireNonempty: boolean;
  /** Refuse a target that git does not ignore, instead of warning. */
  readonly strict: boolean;
  /** `--discard`: stdout may be /dev/null. */
  readonly discard: boolean;
  readonly allowEnvNames: readonly string[];
  readonly allowPlaintextArtifact: boolean;
  readonly reportLimits: ReportLimits;
}

/** What `run` does for and with its child. */
export interface ChildSettings {
  readonly mask: 'auto' | 'always' | 'off';
  readonly maskNames: boolean;
  readonly maskPairs: boolean;
  readonly keepEnv: readonly string[];
  readonly preserve: readonly string[];
  readonly pristine: boolean;
  readonly resolveEnv: boolean;
  readonly killAfterMs: number | undefined;
  readonly lingerMs: number;
  readonly exec: boolean;
}

/** What `mask` looks for, besides the secrets that were asked for by arguments. */
export interface FilterSettings {
  /** Configured secrets. */
  readonly names: readonly string[];
  /** Variables whose values are looked for. */
  readonly env: readonly string[];
}
