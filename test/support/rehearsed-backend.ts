import { onTestFinished } from 'vitest';
import { type Backend, type BackendType, isLoggingIn, type Outcome } from '../../src/backends/types.ts';
import { type Rehearsal, type RehearsalOptions, startRehearsal } from '../../src/dev/index.ts';
import { type HttpClient, type HttpLimits, openHttp } from '../../src/lib/http.ts';
import type { Invocation } from '../../src/lib/invocation.ts';
import { readToken } from '../../src/lib/jwt.ts';
import { type Runtime, systemRuntime } from '../../src/lib/runtime.ts';
import type { SecretRef } from '../../src/lib/secrets.ts';
import { Sensitive } from '../../src/lib/sensitive.ts';
import type { SettingRows, SettingValues } from '../../src/lib/settings.ts';
import type { AccessToken, SubjectToken } from '../../src/lib/tokens.ts';
import { invocationIn, type World } from './invocation.ts';
import { issuerKey } from './issuer-key.ts';

/** A backend in this process that talks to its own rehearsal over TLS, until the test ends. */
export interface RehearsedBackend {
  readonly rehearsal: Rehearsal;
  readonly backend: Backend;
  readonly http: HttpClient;
  readonly invocation: Invocation;
  /** What was said on stderr. */
  readonly lines: readonly string[];
  idToken(...given: Parameters<Rehearsal['token']>): Promise<SubjectToken>;
  /** The exchange of this ID token. Throws for a backend that takes none. */
  exchange(token: SubjectToken): Promise<AccessToken>;
  /** An exchange with a good ID token, or the login of a backend that takes none. */
  logIn(): Promise<AccessToken>;
  /** Exchanges once and fetches these. */
  fetch(wanted: readonly SecretRef[]): Promise<readonly Outcome[]>;
  /** `METHOD target` of each request since the last call. */
  taken(): string[];
}

/** What differs from an ordinary rehearsal. */
export interface BackendSetup extends Partial<Omit<RehearsalOptions, 'backend' | 'options' | 'secrets'>> {
  /** Variants of the product's server. */
  readonly options?: Readonly<Record<string, string>>;
  /** Values by path; several are versions, the newest last. */
  readonly secrets?: Readonly<Record<string, string | Buffer | readonly string[]>>;
  /** Settings by file key, as text; over those that the rehearsal asks for. */
  readonly values?: Readonly<Record<string, string>>;
  /** A rehearsal that runs already, in place of one of its own. */
  readonly on?: Rehearsal;
  /** Another path in the configured URL. */
  readonly path?: string;
  readonly world?: World;
  /** Members of the world as the backend sees it, not as its connections do. */
  readonly backendWorld?: Partial<Runtime>;
  readonly limits?: Partial<HttpLimits>;
  readonly maxAnswerBytes?: number;
  readonly singleUse?: boolean;
}

/** Starts a product's rehearsal and a backend for it. */
export async function rehearseBackend(type: BackendType, setup: BackendSetup = {}): Promise<RehearsedBackend> {
  const {
    options = {},
    secrets,
    values,
    path,
    world,
    backendWorld,
    limits = {},
    maxAnswerBytes,
    singleUse,
    on,
    ...more
  } = setup;
  const rehearsal =
    on ??
    (await startRehearsal(
      {
        issuerKey,
        ...more,
        backend: type.type,
        options: new Map(Object.entries(options)),
        ...(secrets && {
          secrets: new Map(
            Object.entries(secrets).map(([id, value]) => [id, [value].flat().map((one) => Buffer.from(one))]),
          ),
        }),
      },
      systemRuntime(),
    ));
  if (on === undefined) onTestFinished(() => rehearsal.close());
  // Every pause between two tries is drawn as none.
  const invocation = invocationIn({ random: (bytes) => Buffer.alloc(bytes), ...world });
  const configuration = rehearsal.configuration();
  const url = new URL(path ?? '', `${configuration['url']}`);
  const secretSettings = secretsIn(type, rehearsal.variables());
  const settings = settingValues(type, { ...configuration, ...secretSettings, ...values });
  const base = type.baseUrl?.(url, settings) ?? url;
  const http = openHttp({ endpoints: [base], ca: { pem: rehearsal.caPem, origin: 'test' }, limits }, invocation);
  onTestFinished(() => http.close());
  const services = (type.services?.(url, settings) ?? []).map(({ name, url: endpoint }) => {
    const client = openHttp(
      { endpoints: [endpoint], ca: { pem: rehearsal.caPem, origin: 'test' }, limits },
      invocation,
    );
    onTestFinished(() => client.close());
    return [name, client] as const;
  });
  const backend = await type.create({
    name: 'main',
    url: base,
    values: settings,
    http,
    service: (name) => clientNamed(name, services),
    invocation: { ...invocation, runtime: { ...invocation.runtime, ...backendWorld } },
    maxAnswerBytes: maxAnswerBytes ?? 1024 * 1024,
    singleUse: singleUse ?? false,
  });
  const idToken: RehearsedBackend['idToken'] = async (...given) => {
    return readToken(new Sensitive(await rehearsal.token(...given)), 'test');
  };
  const exchange: RehearsedBackend['exchange'] = (token) => {
    if (isLoggingIn(backend)) throw new Error(`${type.type} takes no ID token`);
    return backend.exchange(token);
  };
  const logIn = async (): Promise<AccessToken> => {
    return isLoggingIn(backend) ? backend.logIn() : backend.exchange(await idToken());
  };
  let seen = 0;
  return {
    rehearsal,
    backend,
    http,
    invocation,
    lines: invocation.lines,
    idToken,
    exchange,
    logIn,
    fetch: async (wanted) => backend.fetchSecrets(await logIn(), wanted),
    taken() {
      const fresh = rehearsal.requests.slice(seen).map(({ method, path: target }) => `${method} ${target}`);
      seen += fresh.length;
      return fresh;
    },
  };
}

/** The settings that are secrets: those stand in variables only. */
function secretsIn(type: BackendType, variables: Readonly<Record<string, string>>): Record<string, string> {
  const rows = Object.entries(type.settings).filter(([, { parser }]) => parser.isSecret === true);
  return Object.fromEntries(
    rows.flatMap(([key]) => {
      const value = variables[`SECRETCTL_${type.type}_${key}`.toUpperCase().replaceAll('-', '_')];
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function clientNamed(wanted: string, clients: readonly (readonly [string, HttpClient])[]): HttpClient {
  const found = clients.find(([name]) => name === wanted);
  if (found === undefined) throw new Error(`there is no service ${wanted}`);
  return found[1];
}

/** A product's settings as the configuration would give them: parsed, or the default. */
export function settingValues<Rows extends SettingRows>(
  type: BackendType<Rows>,
  given: Readonly<Record<string, string | number | boolean | object>>,
): SettingValues<Rows> {
  const values = Object.fromEntries(
    Object.entries(type.settings).map(([key, row]) => {
      const value = Array.isArray(given[key]) ? given[key].join(',') : given[key];
      return [key, value === undefined || typeof value === 'object' ? row.default : row.parser.parse(`${value}`)];
    }),
  );
  return values as SettingValues<Rows>;
}

/** References in the order given, `path#field.field` without any escapes, each named after its position. */
export function refs(...texts: readonly string[]): SecretRef[] {
  return texts.map((text, index) => {
    const [path = '', field = ''] = text.split('#', 2);
    return { name: `S${index}`, backend: 'main', path, field: field === '' ? [] : field.split('.'), text };
  });
}
