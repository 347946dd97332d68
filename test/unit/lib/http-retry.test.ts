import { assert, double, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import {
  backoffMs,
  httpDateMs,
  isElsewhere,
  isRepeatable,
  MOST_ATTEMPTS,
  reconnectMs,
  retryAfterMs,
} from '../../../src/lib/http-retry.ts';

test.each([408, 425, 429, 500, 502, 503, 504])('status %i is worth repeating', (status) => {
  expect(isRepeatable(status)).toBe(true);
});

test.each([200, 400, 401, 403, 404, 409, 412, 422, 501, 505])('status %i is not', (status) => {
  expect(isRepeatable(status)).toBe(false);
});

test('only 502, 503 and 504 send to another endpoint', () => {
  const statuses = Array.from({ length: 500 }, (_, index) => 100 + index);
  expect(statuses.filter((status) => isElsewhere(status))).toEqual([502, 503, 504]);
});

test.each([
  [1, 500],
  [2, 1000],
  [3, 2000],
  [5, 8000],
  [30, 8000],
])('after %i failures the longest pause is %i ms, the shortest 0', (failures, longest) => {
  expect(backoffMs(failures, 1)).toBe(longest);
  expect(backoffMs(failures, 0)).toBe(0);
  expect(backoffMs(failures, 0.5)).toBe(longest / 2);
});

test('pauses between tries to connect stay within full jitter, and all of them span 1.5 s', () => {
  const draw = double({ min: 0, max: 1, noNaN: true });
  assert(
    property(tuple(draw, draw, draw), (draws) => {
      let elapsed = 0;
      for (const [index, one] of draws.entries()) {
        const pause = reconnectMs(index + 1, one, elapsed);
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(backoffMs(index + 1, 1));
        elapsed += pause;
      }
      expect(elapsed).toBeGreaterThanOrEqual(1500);
    }),
  );
  expect(MOST_ATTEMPTS).toBe(4);
});

const NOON = Date.UTC(2026, 0, 5, 12, 0, 0);

test.each([
  ['2', 2000],
  ['3600', 3_600_000],
  ['Mon, 05 Jan 2026 12:00:30 GMT', 30_000],
])('Retry-After %s is %i ms', (value, ms) => {
  expect(retryAfterMs(value, NOON)).toBe(ms);
});

test.each([
  undefined,
  '',
  '0',
  '-5',
  'soon',
  '1.5',
  '1e12',
  '1000000000000',
  '99999999',
  '2 3',
  'Mon, 05 Jan 2026 11:59:30 GMT',
  'Mon, 05 Jan 2999 12:00:00 GMT',
  '2026-01-05T12:00:30Z',
])('Retry-After %s is ignored', (value) => {
  expect(retryAfterMs(value, NOON)).toBeUndefined();
});

test.each(['Mon, 05 Jan 2026 12:00:00 GMT'])('%s is a date', (value) => {
  expect(httpDateMs(value)).toBe(NOON);
});

test.each([undefined, '', 'Mon, 99 Jan 2026 12:00:00 GMT', 'Mon, 05 Jan 2026 12:00:00', 'Jan 5 2026'])(
  '%s is none',
  (value) => {
    expect(httpDateMs(value)).toBeUndefined();
  },
);
