import { join } from 'node:path';

import type { Runtime } from '../../lib/runtime.ts';
import { type Rehearsal, TOKEN_VARIABLE } from '../frame/rehearsal.ts';
import { isCiVariable } from './ci-variables.ts';
import { rehearsalConfiguration } from './configuration.ts';

/** What a rehearsed command's environment is made of. */
export interface JobEnvironment {
  /** The variables around us. */
  readonly outer: Readonly<Record<string, string | undefined>>;
  /** The rehearsal's own; they win. */
  readonly job: Readonly<Record<string, string>>;
  /** What must not come from outside besides what any CI sets. */
  readonly foreign: ForeignVariables;
  /** Goes to the front of PATH. */
  readonly launcherDirectory: string;
  readonly cacheDirectory: string;
}

/** Variables that would lead a rehearsed command past the rehearsal, to a real server. */
export interface ForeignVariables {
  /** The products' own ones. */
  readonly names: readonly string[];
  /** The products, whose `SECRETCTL_<PRODUCT>_…` say how to reach them. */
  readonly products: readonly string[];
}

const ENDPOINTS =
  /^SECRETCTL_(?:URL|FALLBACK_URL|BACKEND|CA|CA_FILE|CLIENT_\w+|SERVER_NAME|TOKEN_\w+|ID_TOKEN|AUDIENCE|ISSUER|SINGLE_USE|ALLOWED_ORIGINS|CACHE_DIR)$/;

// Without a PATH every shell has one of its own; the one set here would take that away.
const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * The environment of a rehearsed command: the one around us without what belongs to a real CI or leads to a real
 * server, then the rehearsal's, with its own place for kept tokens.
 */
export function jobEnvironment(options: JobEnvironment): Record<string, string> {
  const { outer, foreign, job, launcherDirectory, cacheDirectory } = options;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(outer)) {
    if (value !== undefined && !isReplaced(name, foreign)) env[name] = value;
  }
  const path = `${launcherDirectory}:${env['PATH'] ?? USUAL_PATH}`;
  return { ...env, ...job, PATH: path, SECRETCTL_CACHE_DIR: cacheDirectory };
}

/** How a command is led to the rehearsal, whatever it finds in its configuration file. */
export interface Lead {
  /** The rehearsed product. */
  readonly backend: string;
  /**
   * What becomes of the configuration file: where there is none, one that names the rehearsal's secrets is `made`; one
   * whose endpoints are real servers is `overruled` by variables; any other is left alone.
   */
  readonly configuration: 'made' | 'overruled' | 'own';
  /** Whether further addresses stand in that file; not every product takes any. */
  readonly hasFallback?: boolean;
  /** What leads to the ID token in place of its variable, where a configuration is overruled. */
  readonly token?: Readonly<Record<string, string>>;
}

/** The variables of {@link Lead}. A configuration that has to be made goes into the private directory. */
export function leadingVariables(
  { backend, configuration, hasFallback, token: ownToken }: Lead,
  rehearsal: Rehearsal,
  directory: string,
  runtime: Runtime,
): Record<string, string> {
  const origins = { SECRETCTL_ALLOWED_ORIGINS: originsOf(rehearsal).join(', ') };
  if (configuration === 'own') return origins;
  if (configuration === 'overruled') {
    const toToken = ownToken ?? { SECRETCTL_TOKEN_ENV: rehearsal.tokenVariable };
    const fallback = hasFallback === true ? { SECRETCTL_FALLBACK_URL: addressOf(rehearsal) } : {};
    return { ...origins, ...overrulingVariables(backend, rehearsal), ...fallback, ...toToken };
  }
  const file = join(directory, 'secretctl.yaml');
  const entry = rehearsal.configuration();
  const variables = rehearsal.variables();
  const text = rehearsalConfiguration({ backend, entry, variables, paths: rehearsal.paths });
  runtime.fs.writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  const token = rehearsal.tokenVariable === TOKEN_VARIABLE ? {} : { SECRETCTL_TOKEN_ENV: rehearsal.tokenVariable };
  return { ...origins, ...token, SECRETCTL_CONFIG: file };
}

/** By both names that its certificate has. A backend that is not rehearsed is refused before anything is sent to it. */
function originsOf({ url }: Rehearsal): readonly string[] {
  const { origin, port } = new URL(url);
  return [origin, `https://localhost:${port}`];
}

/**
 * The rehearsal as the variables that overrule a configuration file: the entry's `url` as SECRETCTL_URL, its `account`
 * as SECRETCTL_CONJUR_ACCOUNT, and all that such a file may say of a real server besides.
 */
function overrulingVariables(backend: string, rehearsal: Rehearsal): Record<string, string> {
  const { caFile, issuer, audience } = rehearsal;
  const entry = rehearsal.configuration();
  const own = Object.entries(entry).filter(([key]) => key !== 'type' && key !== 'url');
  return {
    SECRETCTL_BACKEND: backend,
    SECRETCTL_URL: addressOf(rehearsal),
    SECRETCTL_CA_FILE: caFile,
    SECRETCTL_SERVER_NAME: 'localhost',
    SECRETCTL_AUDIENCE: audience,
    SECRETCTL_ISSUER: issuer,
    ...Object.fromEntries(
      own.map(([key, value]) => [`SECRETCTL_${backend}_${key}`.toUpperCase().replaceAll('-', '_'), String(value)]),
    ),
  };
}

function addressOf(rehearsal: Rehearsal): string {
  return String(rehearsal.configuration()['url'] ?? rehearsal.url);
}

function isReplaced(name: string, { names, products }: ForeignVariables): boolean {
  if (isCiVariable(name) || ENDPOINTS.test(name) || names.includes(name)) return true;
  return products.some((product) => name.startsWith(`SECRETCTL_${product.toUpperCase()}_`));
}
