import { expect, test } from 'vitest';
import type { HttpRequest } from '../../../src/lib/http.ts';
import { answer, CUT, FINISH, RESET, type Step } from '../../support/faulty-server.ts';
import { failureOf, fastWorld, get, inTurn, OK, setHttpStage } from '../../support/http-client.ts';

const { client, serve } = setHttpStage();

test.each([408, 425, 429, 500, 502, 503, 504])('61 %i three times, then 200', async (status) => {
  const poor = [answer(status, 'x')];
  const server = await serve(inTurn(poor, poor, poor, [OK]));
  expect(await client([server]).send(get('/'))).toMatchObject({ status: 200 });
  expect(server.requests).toHaveLength(4);
});

test('62 503 for ever is handed back after four tries', async () => {
  const server = await serve(inTurn([answer(503, '{"error":"sealed"}')]));
  const got = await client([server]).send(get('/'));
  expect(got.status).toBe(503);
  expect(got.body.toString()).toBe('{"error":"sealed"}');
  expect(got.request).toBe(`GET ${server.url.origin}/`);
  expect(got.tries.count).toBe(4);
  expect(server.requests).toHaveLength(4);
});

test('a connection that is lost every time: how often it was tried, and what to do', async () => {
  const server = await serve(inTurn([RESET]));
  // Every look at this clock finds a second gone.
  let now = 0;
  const runtime = { monotonic: () => (now += 1000) };
  const failure = await failureOf(client([server], { runtime, budgetMs: 600_000 }).send(get('/path?a=b')));
  expect(failure.message).toMatch(/^the connection for GET \S+\/path\?a=b was lost .*; tried 4 times in \d+ s$/);
  expect(failure).toMatchObject({ reason: 'CONNECTION_LOST', hints: [expect.stringContaining('run the job again')] });
});

test.each([400, 401, 403, 404, 409, 422, 501])('%i is not repeated', async (status) => {
  const server = await serve(inTurn([answer(status)]));
  expect(await client([server]).send(get('/'))).toMatchObject({ status });
  expect(server.requests).toHaveLength(1);
});

test.each<[HttpRequest['retry'], number]>([
  ['all', 4],
  ['transport', 1],
  ['none', 1],
])('503 under retry "%s" makes %i requests', async (retry, count) => {
  const server = await serve(inTurn([answer(503)]));
  expect(await client([server]).send(get('/', { retry }))).toMatchObject({ status: 503 });
  expect(server.requests).toHaveLength(count);
});

test('a status that is final for a product is handed back at once', async () => {
  const server = await serve(inTurn([answer(429, '', { 'retry-after': '3600' })]));
  expect(await client([server]).send(get('/', { finalStatuses: [429] }))).toMatchObject({ status: 429 });
  expect(server.requests).toHaveLength(1);
});

test.each<[HttpRequest['retry'], number]>([
  ['all', 3],
  ['none', 1],
])('a status that means "not yet" to a product is sent again under retry "%s": %i requests', async (retry, count) => {
  const server = await serve(inTurn([answer(412)], [answer(412)], [OK]));
  const { status } = await client([server]).send(get('/', { retry, repeatStatuses: [412] }));
  expect(status).toBe(count === 1 ? 412 : 200);
  expect(server.requests).toHaveLength(count);
});

test('pauses are drawn at random and grow', async () => {
  const server = await serve(inTurn([answer(503)]));
  const http = client([server], { runtime: { ...fastWorld(), random: (bytes) => Buffer.alloc(bytes, 0xff) } });
  await http.send(get('/'));
  expect(http.pauses).toEqual([500, 1000, 2000]);
});

test('58 Retry-After is waited for, and a bit longer', async () => {
  const server = await serve(inTurn([answer(429, '', { 'retry-after': '2' })], [OK]));
  const http = client([server], { runtime: { ...fastWorld(), random: (bytes) => Buffer.alloc(bytes, 0xff) } });
  const world = fastWorld();
  const start = world.monotonic();
  expect(await http.send(get('/'))).toMatchObject({ status: 200 });
  expect(world.monotonic() - start).toBeGreaterThan(2000);
  expect(http.pauses).toEqual([2200]);
});

test.each([429, 503])('59 %i with Retry-After beyond the deadline ends at once', async (status) => {
  const server = await serve(inTurn([answer(status, '', { 'retry-after': '3600' })]));
  const failure = await failureOf(client([server]).send(get('/')));
  expect(failure).toMatchObject({ reason: 'RATE_LIMITED', exit: 75, facts: { retryAfterSeconds: 3600 } });
  expect(failure.message).toContain('3600 s');
  expect(server.requests).toHaveLength(1);
});

test("59 Retry-After as a date is read on the server's clock", async () => {
  const date = new Date(Date.UTC(2026, 0, 5, 12)).toUTCString();
  const later = new Date(Date.UTC(2026, 0, 5, 13)).toUTCString();
  const server = await serve(inTurn([answer(429, '', { date, 'retry-after': later })]));
  const failure = await failureOf(client([server]).send(get('/')));
  expect(failure.facts.retryAfterSeconds).toBeGreaterThanOrEqual(3599);
  expect(failure.facts.retryAfterSeconds).toBeLessThanOrEqual(3600);
});

test.each(['-1', 'soon', '1000000000000', '1e12'])('60 Retry-After: %s is ignored', async (value) => {
  const server = await serve(inTurn([answer(429, '', { 'retry-after': value })], [OK]));
  const http = client([server]);
  expect(await http.send(get('/'))).toMatchObject({ status: 200 });
  expect(http.pauses).toEqual([0]);
});

test('a pause longer than the time left is not begun', async () => {
  const server = await serve(inTurn([answer(503)]));
  const http = client([server], { budgetMs: 400, runtime: { random: (bytes) => Buffer.alloc(bytes, 0xff) } });
  expect(await http.send(get('/'))).toMatchObject({ status: 503 });
  expect(server.requests).toHaveLength(1);
});

test.each<[string, Step]>([
  ['reset', RESET],
  ['closed', FINISH],
  ['cut', CUT],
])('70 a connection that is %s after the request is tried again', async (_, ending) => {
  const server = await serve(inTurn([ending], [OK]));
  expect(await client([server]).send(get('/', { retry: 'transport' }))).toMatchObject({ status: 200 });
  expect(server.requests).toHaveLength(2);
});

test('70 but not what may be sent only once', async () => {
  const server = await serve(inTurn([RESET], [OK]));
  const failure = await failureOf(client([server]).send(get('/', { retry: 'none' })));
  expect(failure).toMatchObject({ reason: 'CONNECTION_LOST', exit: 69 });
  expect(server.requests).toHaveLength(1);
});

test('70 a connection that is always lost is given up after four tries', async () => {
  const server = await serve(inTurn([RESET]));
  expect(await failureOf(client([server]).send(get('/')))).toMatchObject({ reason: 'CONNECTION_LOST' });
  expect(server.requests).toHaveLength(4);
});
