import { afterEach, beforeAll } from 'vitest';
import { createAuthority } from '../../src/dev/frame/certificates.ts';
import { type Deadline, startDeadline } from '../../src/lib/deadline.ts';
import { SecretctlError } from '../../src/lib/errors.ts';
import { type HttpClient, type HttpRequest, type HttpSettings, openHttp } from '../../src/lib/http.ts';
import { openJournal } from '../../src/lib/journal.ts';
import { type Runtime, systemRuntime } from '../../src/lib/runtime.ts';
import {
  answer,
  type FaultyServer,
  type FaultyServerOptions,
  type Script,
  startFaultyServer,
  type Step,
} from './faulty-server.ts';

/** A client with everything it said. */
export interface ClientUnderTest extends HttpClient {
  readonly lines: readonly string[];
  readonly deadline: Deadline;
  /** Pauses between tries, milliseconds. */
  readonly pauses: readonly number[];
}

/** What differs from an ordinary client. */
export interface ClientOptions extends Partial<Omit<HttpSettings, 'endpoints' | 'ca'>> {
  readonly ca?: HttpSettings['ca'] | undefined;
  readonly budgetMs?: number;
  readonly runtime?: Partial<Runtime>;
  /** Environment variables: proxies. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The real world in which time passes faster: every second lasts `1000 / factor` milliseconds, for clocks and waits
 * alike. What takes 15 s by its specification is tested with that number.
 */
export function fastWorld(factor = 20): Pick<Runtime, 'sleep' | 'monotonic'> {
  const real = systemRuntime();
  return {
    monotonic: () => real.monotonic() * factor,
    sleep: (milliseconds, signal) => real.sleep(milliseconds / factor, signal),
  };
}

/** A client that makes no pauses but those a server asks for, unless `runtime.random` says otherwise. */
export function openClient(endpoints: readonly URL[], options: ClientOptions = {}): ClientUnderTest {
  const { budgetMs = 60_000, runtime: replaced, env = {}, ca, ...settings } = options;
  const runtime: Runtime = { ...systemRuntime(), env, random: (bytes) => Buffer.alloc(bytes), ...replaced };
  const lines: string[] = [];
  const journal = openJournal({ quiet: false, debug: true, write: (line) => lines.push(line) });
  const deadline = startDeadline(runtime, budgetMs);
  const http = openHttp({ endpoints, ...(ca && { ca }), ...settings }, { runtime, journal, deadline });
  return {
    get endpoint() {
      return http.endpoint;
    },
    get clockOffsetMs() {
      return http.clockOffsetMs;
    },
    get pauses() {
      return lines.flatMap((line) => / repeat .*pauseMs=(\d+)/.exec(line)?.[1] ?? []).map(Number);
    },
    trust: http.trust,
    lines,
    deadline,
    send: (request) => http.send(request),
    async close() {
      deadline.settle();
      await http.close();
    },
  };
}

/** A read, as a backend would send it. */
export function get(path: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', path, label: path, maxAnswerBytes: 64 * 1024, retry: 'all', ...more };
}

/** The error of a call that fails. */
export async function failureOf(call: Promise<unknown>): Promise<SecretctlError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof SecretctlError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Servers and clients of one test file that trust each other; all of a test's are closed after it. */
export interface HttpStage {
  /** A TLS server for 127.0.0.1 and localhost. */
  serve(script: Script, options?: FaultyServerOptions): Promise<FaultyServer>;
  /** A client that trusts those servers, its pauses 0. */
  client(endpoints: readonly (FaultyServer | URL)[], options?: ClientOptions): ClientUnderTest;
}

/** Sets the stage for a test file. */
export function setHttpStage(): HttpStage {
  let tls: FaultyServerOptions['tls'];
  let ca: HttpSettings['ca'];
  const open: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    const authority = await createAuthority();
    const { certificate, key } = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
    tls = { cert: certificate, key };
    ca = { pem: authority.caPem, origin: 'the test' };
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });
  return {
    async serve(script, options = {}) {
      const server = await startFaultyServer(script, { ...(tls && { tls }), ...options });
      open.push(server);
      return server;
    },
    client(endpoints, options = {}) {
      const urls = endpoints.map((endpoint) => (endpoint instanceof URL ? endpoint : endpoint.url));
      const client = openClient(urls, { ca, ...options });
      open.push(client);
      return client;
    },
  };
}

/** Plays the steps of one answer after the other, the last one again and again. */
export function inTurn(...answers: readonly (readonly Step[])[]): Script {
  return ({ index }) => answers[Math.min(index, answers.length - 1)] ?? [];
}

/** The shortest good answer. */
export const OK = answer(200, '{"ok":true}');

/** An endpoint where nobody listens. Not a port that was just closed: the next server may be given that one. */
export function deadEndpoint(): URL {
  return new URL('https://127.0.0.1:1');
}
