import type { Dispatcher } from 'undici';
import Pool from 'undici/lib/dispatcher/pool.js';

import type { HttpLimits, HttpSettings } from './http.ts';
import type { Call, Outcome } from './http-call.ts';
import { createConnector, peerOf } from './http-connect.ts';
import { exchange } from './http-exchange.ts';
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
  if (proxy !== undefined)
    journal.debug('proxy', { endpoint: endpoint.origin, proxy: proxy.origin, from: proxy.variable });
  const connector = createConnector({ endpoint, settings, limits, proxy, runtime });
  const pool: Dispatcher = new Pool(endpoint.origin, {
    connect: connector.connect,
    connections: MOST_CONNECTIONS,
    pipelining: 1,
    allowH2: false,
    useMilo: false,
    maxHeaderSize: limits.headerBytes,
    // Clocks of our own watch both: theirs count in half seconds.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const line = { dispatcher: pool, peer: peerOf({ endpoint, settings, proxy }), limits, runtime };
  return {
    send: (call) => exchange(call, line),
    async close() {
      connector.close();
      await pool.destroy();
    },
  };
}
