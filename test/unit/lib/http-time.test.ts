import { expect, test } from 'vitest';
import { startDeadline } from '../../../src/lib/deadline.ts';
import { SecretctlError } from '../../../src/lib/errors.ts';
import { systemRuntime } from '../../../src/lib/runtime.ts';
import { type Step } from '../../support/faulty-server.ts';
import { failureOf, fastWorld, get, inTurn, OK, setHttpStage } from '../../support/http-client.ts';
import { within } from '../../support/within.ts';

const { client, serve } = setHttpStage();

test('63 a server that accepts and stays silent is given up after 15 s, once', async () => {
  const server = await serve(() => []);
  const http = client([server], { runtime: fastWorld() });
  const world = fastWorld();
  const start = world.monotonic();
  const failure = await failureOf(http.send(get('/')));
  expect(failure).toMatchObject({ reason: 'TIMEOUT_HEADERS', exit: 69 });
  expect(failure.message).toBe(`GET ${server.url.origin}/ was not answered within 15 s`);
  expect(world.monotonic() - start).toBeGreaterThanOrEqual(15_000);
  expect(server.requests).toHaveLength(1);
});

test('a body that stops is given up after 10 s, one that drips after 30 s', async () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n';
  const server = await serve(inTurn([head, 'x'], [head, { drip: 'x'.repeat(1000), everyMs: 20 }]));
  const world = fastWorld();
  const http = client([server], { runtime: world, budgetMs: 200_000 });
  const start = world.monotonic();
  expect(await failureOf(http.send(get('/', { maxAnswerBytes: 200_000 })))).toMatchObject({
    reason: 'TIMEOUT',
    exit: 69,
  });
  const middle = world.monotonic();
  expect(middle - start).toBeGreaterThanOrEqual(10_000);
  expect(await failureOf(http.send(get('/', { maxAnswerBytes: 200_000 })))).toMatchObject({ reason: 'TIMEOUT' });
  expect(world.monotonic() - middle).toBeGreaterThanOrEqual(30_000);
  expect(server.requests).toHaveLength(2);
});

const DRIPS: readonly [string, readonly Step[]][] = [
  ['headers', [{ drip: `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(500)}`, everyMs: 20 }]],
  ['body', ['HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n', { drip: 'x'.repeat(900), everyMs: 20 }]],
  [
    'chunks',
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', { drip: '1\r\nx\r\n'.repeat(200), everyMs: 20 }],
  ],
  ['interim answers', [{ drip: 'HTTP/1.1 103 Early\r\n\r\n'.repeat(50), everyMs: 5 }]],
  ['nothing', []],
];

test.each(DRIPS)('64 dripping %s end with the deadline', async (_, steps) => {
  const server = await serve(() => steps);
  const http = client([server], { budgetMs: 300 });
  const failure = await within(800, failureOf(http.send(get('/'))));
  expect(failure).toMatchObject({ reason: 'TIMEOUT', exit: 69 });
  expect(failure.message).toMatch(
    /^the time budget .* while (?:waiting for|reading) the answer to GET https?:\/\/\S+\/$/,
  );
});

test('an abort of the deadline ends a request with its own reason, and leaves nothing open', async () => {
  const server = await serve(() => []);
  const http = client([server]);
  const call = failureOf(http.send(get('/')));
  http.deadline.abort(new SecretctlError('INTERRUPTED', 'stopped'));
  expect(await call).toMatchObject({ reason: 'INTERRUPTED', exit: 130 });
  expect(await failureOf(http.send(get('/')))).toMatchObject({ reason: 'INTERRUPTED' });
  expect(server.requests.length).toBeLessThanOrEqual(1);
});

test("a request with a budget of its own outlives the command's", async () => {
  const server = await serve(inTurn([OK]));
  const http = client([server]);
  http.deadline.abort(new SecretctlError('TERMINATED', 'stopped'));
  const own = startDeadline(systemRuntime(), 5000);
  expect(await http.send(get('/check-in', { deadline: own }))).toMatchObject({ status: 200 });
  own.settle();
});
