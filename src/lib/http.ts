import { createHash } from 'node:crypto';
import { isLoopback, METADATA_HOST } from './endpoint.ts';
import { SecretctlError } from './errors.ts';
import { MOST_TOGETHER } from './http-body.ts';
import { endpointAt, sendRepeatedly, type SenderState } from './http-send.ts';
import type { HttpClient, HttpLimits, HttpSettings } from './http-types.ts';
import type { Invocation } from './invocation.ts';
import { quoted } from './text.ts';

export type { HttpAnswer, HttpClient, HttpLimits, HttpRequest, HttpSettings } from './http-types.ts';

const DEFAULT_LIMITS: HttpLimits = {
  connectAttemptMs: 2000,
  connectMs: 10_000,
  headersMs: 15_000,
  idleBodyMs: 10_000,
  requestMs: 30_000,
  requestBytes: 32 * 1024,
  headerBytes: 16 * 1024,
};

/**
 * A client for one backend. Opens nothing and loads nothing before the first request. Throws PLAIN_HTTP for an endpoint
 * without TLS that is not this machine (security.md, section 5).
 */
export function openHttp(settings: HttpSettings, invocation: Invocation): HttpClient {
  for (const url of settings.endpoints) refusePlainHttp(url, settings);
  const limits = { ...DEFAULT_LIMITS, ...settings.limits };
  const state: SenderState = {
    preferred: 0,
    clockOffsetMs: 0,
    isClockWarned: false,
    pools: new Map(),
    room: { left: MOST_TOGETHER },
  };
  const sender = { settings, limits, invocation, state };
  return {
    get endpoint() {
      return endpointAt(sender, state.preferred);
    },
    get clockOffsetMs() {
      return state.clockOffsetMs;
    },
    trust: [fingerprint(settings.ca?.pem) ?? 'system', fingerprint(settings.client?.certificate) ?? ''],
    send: (request) => sendRepeatedly(request, sender),
    async close() {
      const opened = await Promise.allSettled(state.pools.values());
      state.pools.clear();
      const pools = opened.filter((pool) => pool.status === 'fulfilled').map((pool) => pool.value);
      await Promise.all(pools.map((pool) => pool.close()));
    },
  };
}

function refusePlainHttp(url: URL, { isMetadataServer = false }: HttpSettings): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return;
  if (isMetadataServer && url.href === `http://${METADATA_HOST}/`) return;
  throw new SecretctlError('PLAIN_HTTP', `${quoted(url.origin)} is not https:; plain http: is for this machine only`);
}

function fingerprint(pem: string | undefined): string | undefined {
  return pem === undefined ? undefined : createHash('sha256').update(pem).digest('hex');
}
