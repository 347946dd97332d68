import Client from 'undici/lib/dispatcher/client.js';

import type { HttpLimits, HttpSettings } from './http-types.ts';
import type { Call, Line, Outcome } from './http-call.ts';
import { createConnector, peerOf } from './http-connect.ts';
import { endedFault, exchange } from './http-exchange.ts';
import { chooseProxy } from './http-proxy.ts';
import type { Invocation } from './invocation.ts';

/** Connections at a time to one endpoint; more requests than that wait for their turn. */
const MOST_CONNECTIONS = 8;

/** The connections to one endpoint. */
export interface EndpointPool {
  send(call: Call): Promise<Outcome>;
  close(): Promise<void>;
}

/** Opens no connection yet. Throws PROXY_SCHEME and CONFIG_INVALID for a proxy variable that cannot be used. */
export function openPool(
  endpoint: URL,
  settings: HttpSettings,
  limits: HttpLimits,
  { runtime, journal }: Pick<Invocation, 'runtime' | 'journal'>,
): EndpointPool {
  const { proxy, warnings } = chooseProxy(endpoint, runtime.env);
  for (const warning of warnings) journal.warn(warning);
  if (proxy !== undefined) {
    journal.debug('proxy', { endpoint: endpoint.origin, proxy: proxy.origin, from: proxy.variable });
  }
  const peer = peerOf({ endpoint, settings, proxy });
  const connector = createConnector({ endpoint, settings, limits, proxy, runtime });
  const lines = openLines((): Line => {
    let firstError: Error | undefined;
    const dispatcher = new Client(endpoint.origin, {
      connect: connector.connectFor((error) => (firstError = error)),
      pipelining: 1,
      allowH2: false,
      useMilo: false,
      maxHeaderSize: limits.headerBytes,
      // Clocks of our own watch both: theirs count in half seconds.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return { dispatcher, firstError: () => firstError, peer, limits, runtime };
  });
  return {
    async send(call) {
      const line = await lines.take(call.signal);
      if (line === undefined) return { fault: endedFault(call, 'connect') };
      const outcome = await exchange(call, line);
      lines.give(line, outcome.fault === undefined);
      return outcome;
    },
    async close() {
      connector.close();
      await lines.close();
    },
  };
}

/**
 * A few connections, each for one request at a time. undici's own pool opens a second one for a request that follows
 * upon an answer at once, because it takes the first for busy until the next turn of the event loop.
 */
interface Lines {
  /** A free one, the one used last if there is a choice; undefined when `signal` ended the wait for it. */
  take(signal: AbortSignal): Promise<Line | undefined>;
  /** Hands it back; one on which something went wrong is closed. */
  give(line: Line, isGood: boolean): void;
  close(): Promise<void>;
}

function openLines(create: () => Line): Lines {
  const open = new Set<Line>();
  const free: Line[] = [];
  const waiting = new Set<() => void>();

  const takeNow = (): Line | undefined => {
    const used = free.pop();
    if (used !== undefined || open.size === MOST_CONNECTIONS) return used;
    const fresh = create();
    open.add(fresh);
    return fresh;
  };
  return {
    async take(signal) {
      while (!signal.aborted) {
        const line = takeNow();
        if (line !== undefined) return line;
        await turn(waiting, signal);
      }
      return undefined;
    },
    give(line, isGood) {
      if (isGood) free.push(line);
      else {
        open.delete(line);
        void line.dispatcher.destroy();
      }
      const [next] = waiting;
      next?.();
    },
    async close() {
      await Promise.all([...open].map((line) => line.dispatcher.destroy()));
    },
  };
}

/** Resolves when it is this one's turn, or when `signal` ends. */
function turn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      waiting.delete(go);
      signal.removeEventListener('abort', go);
      resolve();
    };
    waiting.add(go);
    signal.addEventListener('abort', go);
  });
}
