import type { HttpClient } from '../lib/http.ts';

/** A client that can be told to send nothing twice. */
export interface SendOnce {
  readonly http: HttpClient;
  /** Does this work without any repeated request, and returns its result. */
  withoutRepeats<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * Wraps a client for servers that take each ID token only once (`single-use`): an exchange whose answer got lost may
 * have been counted, and sending it again would be refused. Other requests are repeated as ever.
 */
export function sendOnce(client: HttpClient): SendOnce {
  let isExchanging = false;
  const http: HttpClient = {
    get endpoint() {
      return client.endpoint;
    },
    get trust() {
      return client.trust;
    },
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    send: (request) => client.send(isExchanging ? { ...request, retry: 'none' } : request),
    close: () => client.close(),
  };
  return {
    http,
    async withoutRepeats(work) {
      isExchanging = true;
      try {
        return await work();
      } finally {
        isExchanging = false;
      }
    },
  };
}
