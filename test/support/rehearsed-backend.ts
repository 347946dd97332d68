import { onTestFinished } from 'vitest';
import type { Backend, BackendType } from '../../src/backends/types.ts';
import { issuerKey } from './issuer-key.ts';
import { type Rehearsal, type RehearsalOptions, startRehearsal } from '../../src/dev/index.ts';
import { type HttpClient, type HttpLimits, openHttp } from '../../src/lib/http.ts';
import type { Invocation } from '../../src/lib/invocation.ts';
import { readToken } from '../../src/lib/jwt.ts';
import { systemRuntime } from '../../src/lib/runtime.ts';
import type { SecretRef } from '../../src/lib/secrets.ts';
import { Sensitive } from '../../src/lib/sensitive.ts';
import type { AccessToken, SubjectToken } from '../../src/lib/tokens.ts';
import { invocationIn, type World } from './invocation.ts';

/** A backend in this process that talks to its own rehearsal over TLS, until the test ends. */
export interface RehearsedBackend {
  readonly rehearsal: Rehearsal;
  readonly backend: Backend;
  readonly http: HttpClient;
  readonly invocation: Invocation;
  /** What was said on stderr. */
  readonly lines: readonly string[];
  idToken(...given: Parameters<Rehearsal['token']>): Promise<SubjectToken>;
  /** An exchange with a good ID token. */
  logIn(): Promise<AccessToken>;
}

export interface BackendSetup extends Partial<Omit<RehearsalOptions, 'backend' | 'options' | 'secrets'>> {
  /** Variants of the product's server. */
  readonly options?: Readonly<Record<string, string>>;
  /** Values by path, one version each. */
  readonly secrets?: Readonly<Record<string, string | Buffer>>;
  /** Settings by file key, as text; over those that the rehearsal asks for. */
  readonly values?: Readonly<Record<string, string>>;
  readonly world?: World;
  readonly limits?: Partial<HttpLimits>;
}

/** Starts a product's rehearsal and a backend for it. */
export async function rehearseBackend(type: BackendType, setup: BackendSetup = {}): Promise<RehearsedBackend> {
  const { options = {}, secrets, values = {}, world, limits = {}, ...more } = setup;
  const rehearsal = await startRehearsal(
    {
      ...more,
      backend: type.type,
      issuerKey,
      options: new Map(Object.entries(options)),
      ...(secrets && {
        secrets: new Map(Object.entries(secrets).map(([path, value]) => [path, [Buffer.from(value)]])),
      }),
    },
    systemRuntime(),
  );
  onTestFinished(() => rehearsal.close());
  // Every pause between two tries is drawn as none.
  const invocation = invocationIn({ random: (bytes) => Buffer.alloc(bytes), ...world });
  const configuration = rehearsal.configuration();
  const url = new URL(`${configuration['url']}`);
  const settings = settingValues(type, { ...configuration, ...values });
  const base = type.baseUrl?.(url, settings) ?? url;
  const http = openHttp({ endpoints: [base], ca: { pem: rehearsal.caPem, origin: 'test' }, limits }, invocation);
  onTestFinished(() => http.close());
  const context = { name: 'main', url: base, values: settings, http, invocation, maxAnswerBytes: 1024 * 1024 };
  const backend = type.create(context);
  const idToken: RehearsedBackend['idToken'] = async (...given) => {
    return readToken(new Sensitive(await rehearsal.token(...given)), 'test');
  };
  const logIn = async (): Promise<AccessToken> => backend.exchange(await idToken());
  return { rehearsal, backend, http, invocation, lines: invocation.lines, idToken, logIn };
}

/** A product's settings as the configuration would give them: parsed, or the default. */
export function settingValues(
  type: BackendType,
  given: Readonly<Record<string, string | number | boolean | object>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(type.settings).map(([key, row]) => {
      const value = given[key];
      return [key, value === undefined || typeof value === 'object' ? row.default : row.parser.parse(`${value}`)];
    }),
  );
}

/** References in the order given, `path#field.field` without any escapes, each named after its position. */
export function refs(...texts: readonly string[]): SecretRef[] {
  return texts.map((text, index) => {
    const [path = '', field = ''] = text.split('#', 2);
    return { name: `S${index}`, backend: 'main', path, field: field === '' ? [] : field.split('.'), text };
  });
}
