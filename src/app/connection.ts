import { backendType } from '../backends/index.ts';
import type { Backend, BackendType } from '../backends/types.ts';
import { productFaults } from '../config/product-faults.ts';
import type { BackendSettings, GeneralSettings } from '../config/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { HttpClient } from '../lib/http.ts';
import type { Invocation } from '../lib/invocation.ts';
import { visible } from '../lib/text.ts';
import type { Hide } from './hide.ts';
import { checkOrigins } from './origins.ts';
import { sendOnce } from './send-once.ts';
import { type CacheContext, openTokenCache, type TokenCache } from './token-cache.ts';

/** One configured backend, ready to be talked to; nothing has been sent yet. */
export interface Connection {
  readonly settings: BackendSettings;
  readonly type: BackendType;
  readonly backend: Backend;
  readonly http: HttpClient;
  readonly cache: TokenCache;
  /** The API's base URLs, the preferred one first. */
  readonly endpoints: readonly URL[];
  readonly invocation: Invocation;
  readonly hide: Hide;
  /** Runs an exchange; under `single-use` none of its requests is sent twice. */
  exchanging<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/**
 * Connects a configured backend without sending anything. Throws CONFIG_INVALID, ENDPOINT_NOT_ALLOWED, CACHE_DIR,
 * CA_FILE or CLIENT_KEY (78).
 */
export async function connect(
  settings: BackendSettings,
  general: GeneralSettings,
  invocation: Invocation,
  hide: Hide,
): Promise<Connection> {
  const type = checkedType(settings);
  const endpoints = endpointsOf(settings, type);
  checkOrigins(endpoints, invocation.runtime.env);
  const { http, withoutRepeats } = sendOnce(await client(settings, endpoints, invocation));
  const cache = openTokenCache(general, invocation);
  const { name, values } = settings;
  const { maxAnswerBytes } = general;
  const url = endpoints[0] ?? settings.url;
  return {
    settings,
    type,
    backend: type.create({ name, url, values, http, invocation, maxAnswerBytes }),
    http,
    cache,
    endpoints,
    invocation,
    hide,
    exchanging: (work) => (settings.singleUse ? withoutRepeats(work) : work()),
    async close() {
      cache.close();
      await http.close();
    },
  };
}

/** What a token that this endpoint gave is bound to. */
export function contextOf(connection: Connection, endpoint: URL): CacheContext {
  const { settings, backend, http } = connection;
  return {
    backend: settings.type,
    endpoint,
    bindings: backend.cacheContext,
    audience: settings.token.audience ?? '',
    trust: http.trust,
    serverName: settings.tls.serverName ?? '',
  };
}

/** The same address twice is one endpoint: to try it again is no failover. */
function endpointsOf({ url, fallbackUrls, values }: BackendSettings, type: BackendType): readonly URL[] {
  const bases = [url, ...fallbackUrls].map((one) => type.baseUrl?.(one, values) ?? one);
  return [...new Map(bases.map((one) => [one.href, one])).values()];
}

function checkedType(settings: BackendSettings): BackendType {
  const type = backendType(settings.type);
  if (type === undefined)
    throw new SecretctlError('CONFIG_INVALID', `there is no backend type ${visible(settings.type)}`);
  const faults = productFaults(type, settings, true);
  if (faults.length === 0) return type;
  throw new SecretctlError('CONFIG_INVALID', `the backend ${visible(settings.name)} is not configured right`, {
    details: faults,
  });
}

async function client(
  settings: BackendSettings,
  endpoints: readonly URL[],
  invocation: Invocation,
): Promise<HttpClient> {
  const { tls } = settings;
  // Loaded here and not at the top: what ends before this point does without undici.
  const [{ openHttp }, { certificateAuthority, clientCertificate }] = await Promise.all([
    import('../lib/http.ts'),
    import('../lib/pem.ts'),
  ]);
  const ca = certificateAuthority(tls, invocation.runtime);
  const certificate = clientCertificate(tls, invocation.runtime);
  return openHttp(
    {
      endpoints,
      ...(ca && { ca }),
      ...(certificate && { client: certificate }),
      ...(tls.serverName !== undefined && { serverName: tls.serverName }),
    },
    invocation,
  );
}
