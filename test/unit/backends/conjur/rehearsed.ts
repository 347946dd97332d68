import { conjur } from '../../../../src/backends/conjur/index.ts';
import type { Backend, Outcome } from '../../../../src/backends/types.ts';
import { issuerKey } from '../../../support/issuer-key.ts';
import { type Rehearsal, startRehearsal } from '../../../../src/dev/index.ts';
import { startDeadline } from '../../../../src/lib/deadline.ts';
import { openHttp } from '../../../../src/lib/http.ts';
import { openJournal } from '../../../../src/lib/journal.ts';
import { readToken } from '../../../../src/lib/jwt.ts';
import { type Runtime, systemRuntime } from '../../../../src/lib/runtime.ts';
import type { SecretRef } from '../../../../src/lib/secrets.ts';
import { Sensitive } from '../../../../src/lib/sensitive.ts';
import type { AccessToken, SubjectToken } from '../../../../src/lib/tokens.ts';

/** A Conjur backend before a strict server of its own, over TLS. */
export interface Rehearsed {
  readonly rehearsal: Rehearsal;
  readonly backend: Backend;
  /** A new ID token. */
  idToken(claims?: Readonly<Record<string, unknown>>): Promise<SubjectToken>;
  logIn(claims?: Readonly<Record<string, unknown>>): Promise<AccessToken>;
  /** Logs in once and fetches these. */
  fetch(refs: readonly SecretRef[]): Promise<readonly Outcome[]>;
  /** `METHOD target` of each request since the last call. */
  taken(): string[];
  close(): Promise<void>;
}

export interface Setup {
  readonly options?: Readonly<Record<string, string>>;
  readonly secrets?: ReadonlyMap<string, readonly Buffer[]>;
  readonly forbidden?: readonly string[];
  readonly faults?: readonly string[];
  readonly serverClockMs?: number;
  /** Settings on top of those that the rehearsal suggests. */
  readonly values?: Readonly<Record<string, string>>;
  /** Replaces a member of the world as the backend sees it, not as its connections do. */
  readonly world?: Partial<Runtime>;
  readonly maxAnswerBytes?: number;
  /** Another path in the configured URL. */
  readonly path?: string;
}

export async function rehearse(setup: Setup = {}): Promise<Rehearsed> {
  const runtime = systemRuntime();
  const rehearsal = await startRehearsal(
    {
      backend: 'conjur',
      issuerKey,
      ...(setup.secrets && { secrets: setup.secrets }),
      ...(setup.forbidden && { forbidden: new Set(setup.forbidden) }),
      ...(setup.faults && { faults: setup.faults }),
      ...(setup.serverClockMs !== undefined && { serverClockMs: setup.serverClockMs }),
      options: new Map(Object.entries(setup.options ?? {})),
    },
    runtime,
  );
  const suggested = Object.entries({ ...rehearsal.configuration(), ...setup.values });
  const values = valuesOf(new Map(suggested.map(([key, value]) => [key, String(value)])));
  const url = new URL(setup.path ?? '', String(rehearsal.configuration()['url']));
  const journal = openJournal({ quiet: true, debug: false, redact: (line) => line, write: () => undefined });
  const deadline = startDeadline(runtime, 60_000);
  const invocation = { runtime, journal, deadline };
  const http = openHttp({ endpoints: [url], ca: { pem: rehearsal.caPem, origin: 'the rehearsal' } }, invocation);
  const maxAnswerBytes = setup.maxAnswerBytes ?? 1024 * 1024;
  const seenByBackend = { ...invocation, runtime: { ...runtime, ...setup.world } };
  const backend = conjur.create({ name: 'conjur', url, values, http, invocation: seenByBackend, maxAnswerBytes });
  let seen = 0;
  const idToken: Rehearsed['idToken'] = async (claims) =>
    readToken(new Sensitive(await rehearsal.token(claims)), 'the test');
  const logIn: Rehearsed['logIn'] = async (claims) => backend.exchange(await idToken(claims));
  return {
    rehearsal,
    backend,
    idToken,
    logIn,
    fetch: async (refs) => backend.fetchSecrets(await logIn(), refs),
    taken() {
      const all = rehearsal.requests.map(({ method, path }) => `${method} ${path}`);
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh;
    },
    async close() {
      deadline.settle();
      await http.close();
      await rehearsal.close();
    },
  };
}

type Values = Parameters<typeof conjur.check>[1];

/** Parses setting texts as the configuration does. */
export function valuesOf(texts: ReadonlyMap<string, string>): Values {
  const { settings } = conjur;
  const read = <T>(parse: (text: string) => T, key: string): T | undefined => {
    const text = texts.get(key);
    return text === undefined ? undefined : parse(text);
  };
  return {
    account: read(settings.account.parser.parse, 'account'),
    'service-id': read(settings['service-id'].parser.parse, 'service-id'),
    'host-id': read(settings['host-id'].parser.parse, 'host-id'),
    edition: read(settings.edition.parser.parse, 'edition'),
    batch: read(settings.batch.parser.parse, 'batch') ?? settings.batch.default,
  };
}

/** A reference to this path. */
export function ref(path: string, more: Partial<SecretRef> = {}): SecretRef {
  return { name: path.toUpperCase(), backend: 'conjur', path, field: [], text: path, ...more };
}

/** What came of a reference, on one line: its value as text, or why not. */
export function shown(outcome: Outcome): string {
  return 'value' in outcome ? outcome.value.reveal().toString() : outcome.refusal;
}
