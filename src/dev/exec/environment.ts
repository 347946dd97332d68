import { isCiVariable } from '../frame/jobs.ts';

export interface JobEnvironment {
  /** The variables around us. */
  readonly outer: Readonly<Record<string, string | undefined>>;
  /** The rehearsal's own; they win. */
  readonly job: Readonly<Record<string, string>>;
  /** Products whose variables must not come from outside. */
  readonly products: readonly string[];
  /** Goes to the front of PATH. */
  readonly launcherDirectory: string;
  readonly cacheDirectory: string;
  /** Origin of the strict server. */
  readonly origin: string;
  readonly configFile: string | undefined;
}

// What would lead a rehearsed command past the rehearsal: to a real server, or to a token that is none of ours.
const OURS_TO_SET =
  /^SECRETCTL_(?:URL|FALLBACK_URLS?|BACKEND|CA|CA_FILE|CLIENT_\w+|SERVER_NAME|TOKEN_\w+|ID_TOKEN|AUDIENCE|ISSUER)$/;

/**
 * The environment of a rehearsed command: the one around us without what belongs to a real CI or a real server, then
 * the rehearsal's. Only the rehearsal's server may get the test token.
 */
export function jobEnvironment(options: JobEnvironment): Record<string, string> {
  const { outer, configFile } = options;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(outer)) {
    if (value !== undefined && !isReplaced(name, options.products)) env[name] = value;
  }
  return {
    ...env,
    ...options.job,
    PATH: [options.launcherDirectory, ...(env['PATH'] === undefined ? [] : [env['PATH']])].join(':'),
    SECRETCTL_CACHE_DIR: options.cacheDirectory,
    SECRETCTL_ALLOWED_ORIGINS: options.origin,
    ...(configFile === undefined ? {} : { SECRETCTL_CONFIG: configFile }),
  };
}

function isReplaced(name: string, products: readonly string[]): boolean {
  if (isCiVariable(name) || OURS_TO_SET.test(name)) return true;
  return products.some((product) => {
    const word = product.toUpperCase();
    return name.startsWith(`${word}_`) || name.startsWith(`SECRETCTL_${word}_`);
  });
}
