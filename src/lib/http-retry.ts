import type { Tries } from './http-types.ts';
import { duration } from './text.ts';

/** When and how soon a request is sent again (security.md, section 5, "retry"). All times in milliseconds. */

/** Times that a request is sent at most. */
export const MOST_ATTEMPTS = 4;

const REPEATABLE = new Set([408, 425, 429, 500, 502, 503, 504]);
const ELSEWHERE = new Set([502, 503, 504]);

const SHORTEST_MS = 250;
const LONGEST_MS = 8000;

/** How long a server is given to come up before the last try to connect: nothing was sent to it yet. */
const CONNECT_PATIENCE_MS = 1500;

const LONGEST_RETRY_AFTER_SECONDS = 366 * 24 * 60 * 60;

/** `tried 4 times in 3 s`, for messages. */
export function triesText({ count, elapsedMs }: Tries): string {
  return `tried ${count} times in ${duration(elapsedMs)}`;
}

/** Whether the same request may get another answer later. */
export function isRepeatable(status: number): boolean {
  return REPEATABLE.has(status);
}

/** Whether another endpoint of the same service may answer better. */
export function isElsewhere(status: number): boolean {
  return ELSEWHERE.has(status);
}

/**
 * The pause before the next try, after so many failures: uniform in 0..min(8 s, 250 ms * 2^failures), full jitter.
 * `draw` is a random number in 0..1.
 */
export function backoffMs(failures: number, draw: number): number {
  return draw * longestPause(failures);
}

/**
 * The same after a failed connection. The lower end of the last pause rises so that the tries span a second and a
 * half: a server that is being started is met, and no pause is longer than it might have been.
 */
export function reconnectMs(failures: number, draw: number, elapsedMs: number): number {
  const longest = longestPause(failures);
  const isLast = failures === MOST_ATTEMPTS - 1;
  const shortest = isLast ? Math.min(longest, Math.max(0, CONNECT_PATIENCE_MS - elapsedMs)) : 0;
  return shortest + draw * (longest - shortest);
}

/**
 * What `Retry-After` asks for, milliseconds: seconds, or a date on the server's clock (RFC 9110 10.2.3). Undefined for
 * nothing that makes sense: text, a negative number, a date that is past, more than a year.
 */
export function retryAfterMs(value: string | undefined, serverNowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^[0-9]{1,9}$/.test(value) ? Number(value) * 1000 : (httpDateMs(value) ?? serverNowMs) - serverNowMs;
  return ms > 0 && ms <= LONGEST_RETRY_AFTER_SECONDS * 1000 ? ms : undefined;
}

/** Milliseconds since 1970 of a date in HTTP's one current form, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7). */
export function httpDateMs(value: string | undefined): number | undefined {
  if (value === undefined || !/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value)) {
    return undefined;
  }
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

function longestPause(failures: number): number {
  return Math.min(LONGEST_MS, SHORTEST_MS * 2 ** failures);
}
