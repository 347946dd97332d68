import { type Deadline, startDeadline } from '../../src/lib/deadline.ts';
import { SecretctlError } from '../../src/lib/errors.ts';
import { type HttpClient, type HttpRequest, type HttpSettings, openHttp } from '../../src/lib/http.ts';
import { openJournal } from '../../src/lib/journal.ts';
import { type Runtime, systemRuntime } from '../../src/lib/runtime.ts';

/** A client with everything it said. */
export interface ClientUnderTest extends HttpClient {
  readonly lines: readonly string[];
  readonly deadline: Deadline;
  /** Pauses between tries, milliseconds. */
  readonly pauses: readonly number[];
}

export interface ClientOptions extends Partial<Omit<HttpSettings, 'endpoints'>> {
  readonly budgetMs?: number;
  readonly runtime?: Partial<Runtime>;
  /** Environment variables: proxies. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The real world in which time passes faster: every second lasts `1000 / factor` milliseconds, for clocks and waits
 * alike. What takes 15 s by its specification is tested with that number.
 */
export function fastWorld(factor = 50): Pick<Runtime, 'sleep' | 'monotonic'> {
  const real = systemRuntime();
  return {
    monotonic: () => real.monotonic() * factor,
    sleep: (milliseconds, signal) => real.sleep(milliseconds / factor, signal),
  };
}

/** A client that makes no pauses but those a server asks for, unless `runtime.random` says otherwise. */
export function openClient(endpoints: readonly URL[], options: ClientOptions = {}): ClientUnderTest {
  const { budgetMs = 60_000, runtime: replaced, env = {}, ...settings } = options;
  const runtime: Runtime = { ...systemRuntime(), env, random: (bytes) => Buffer.alloc(bytes), ...replaced };
  const lines: string[] = [];
  const journal = openJournal({ quiet: false, debug: true, redact: (line) => line, write: (line) => lines.push(line) });
  const deadline = startDeadline(runtime, budgetMs);
  const http = openHttp({ endpoints, ...settings }, { runtime, journal, deadline });
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
