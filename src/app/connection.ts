import { backendType } from '../backends/index.ts';
import { type Backend, type BackendType, isLoggingIn, type Service } from '../backends/types.ts';
import { productFaults } from '../config/product-faults.ts';
import type { BackendSettings, GeneralSettings } from '../config/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { HttpClient } from '../lib/http.ts';
import type { Invocation } from '../lib/invocation.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { visible } from '../lib/text.ts';
import type { AccessToken } from '../lib/tokens.ts';
import type { Hide } from './hide.ts';
import { DEFAULT_VARIABLE } from '../sources/index.ts';
import type { TokenSettings } from '../sources/types.ts';
import { checkOrigins } from './origins.ts';
import { openClients } from './clients.ts';
import { type Destination, destinationsOf } from './destinations.ts';
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
  /** The product's other addresses. */
  readonly services: readonly Service[];
  /** Whom tokens are sent to, and who said so. */
  readonly destinations: readonly Destination[];
  /** The client that does it. */
  readonly exchangeHttp: HttpClient;
  readonly invocation: Invocation;
  readonly hide: Hide;
  /** Access tokens that came through this connection and that no other command of the job can use. */
  readonly own: AccessToken[];
  /** Runs an exchange; under `single-use` none of its requests is sent twice. */
  exchanging<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/**
 * Connects a configured backend without sending anything. Throws CONFIG_INVALID, ENDPOINT_NOT_ALLOWED, CACHE_DIR,
 * CA_FILE or CLIENT_KEY (78).
 */
export async function connect(
  given: BackendSettings,
  general: GeneralSettings,
  invocation: Invocation,
  hide: Hide,
): Promise<Connection> {
  const type = checkedType(given);
  const settings = { ...given, token: placed(given, type, invocation) };
  const endpoints = endpointsOf(settings, type);
  const { name, values } = settings;
  const url = endpoints[0] ?? settings.url;
  const services = type.services?.(settings.url, values) ?? [];
  checkOrigins([...endpoints, ...services.map((service) => service.url)], invocation.runtime.env);
  for (const secret of secretsIn(values)) hide('login secret', secret);
  const clients = await openClients(settings, { endpoints, services }, invocation);
  const { http, service, exchangeHttp } = clients;
  const cache = openTokenCache({ ...general, cache: general.cache && settings.chained.length === 0 }, invocation);
  const { maxAnswerBytes } = general;
  return {
    settings,
    type,
    backend: await type.create({
      name,
      url,
      values,
      http,
      service,
      invocation,
      maxAnswerBytes,
      singleUse: settings.singleUse,
    }),
    http,
    cache,
    endpoints,
    services,
    destinations: destinationsOf(settings, { type, endpoints, services }),
    exchangeHttp,
    invocation,
    hide,
    own: [],
    exchanging: (work) => (settings.singleUse ? clients.withoutRepeats(work) : work()),
    async close() {
      cache.close();
      await clients.close();
    },
  };
}

/** What is said of the ID token; where it is, the product's own file may say when nobody else does. */
function placed({ token, values }: BackendSettings, type: BackendType, { runtime }: Invocation): TokenSettings {
  const { env, file, stdin, given, command, source } = token;
  const isNamed = [env, file, stdin, given, command, source].some((one) => one !== undefined);
  if (isNamed || (runtime.env[DEFAULT_VARIABLE] ?? '') !== '') return token;
  return { ...token, ...type.tokenPlace?.(values, runtime.fs) };
}

/**
 * Whether its access tokens are kept for the job's next commands. What another backend has a part in is not: whether
 * that would still give the same, only asking it can tell.
 */
export function isKeeping({ settings, backend }: Connection): boolean {
  return settings.chained.length === 0 && !isLoggingIn(backend);
}

/** What a token that this endpoint gave is bound to. */
export function contextOf(connection: Connection, endpoint: URL): CacheContext {
  const { settings, backend, http, services } = connection;
  return {
    backend: settings.type,
    endpoint,
    bindings: [...backend.cacheContext, ...services.map(({ name, url }) => `${name} ${url.href}`)],
    audience: settings.token.audience ?? '',
    trust: http.trust,
    serverName: settings.tls.serverName ?? '',
  };
}

/** What a backend shows of itself: a server that quotes it does not bring it into our messages. */
function secretsIn(values: BackendSettings['values']): readonly Sensitive[] {
  const all = Object.values(values).flatMap((value): readonly unknown[] => {
    const isBlock = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
    const inside: readonly unknown[] = isBlock ? Object.values(value) : [];
    return [value, ...inside];
  });
  return all.filter((one) => one instanceof Sensitive);
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
  // What another backend still has to give cannot be judged yet.
  const isWaiting = settings.chained.some(({ key }) => key !== 'token' && settings.values[key] === undefined);
  const faults = isWaiting ? [] : productFaults(type, settings, true);
  if (faults.length === 0) return type;
  throw new SecretctlError('CONFIG_INVALID', `the backend ${visible(settings.name)} is not configured right`, {
    details: faults,
  });
}
