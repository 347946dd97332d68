import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createAuthority } from '../../../src/dev/frame/certificates.ts';
import { startDeadline } from '../../../src/lib/deadline.ts';
import { SecretctlError } from '../../../src/lib/errors.ts';
import type { HttpRequest } from '../../../src/lib/http.ts';
import { systemRuntime } from '../../../src/lib/runtime.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { canary } from '../../support/canaries.ts';
import {
  answer,
  CUT,
  type FaultyServer,
  type FaultyServerOptions,
  FINISH,
  RESET,
  type Script,
  startFaultyServer,
  type Step,
} from '../../support/faulty-server.ts';
import {
  type ClientOptions,
  type ClientUnderTest,
  failureOf,
  fastWorld,
  get,
  openClient,
} from '../../support/http-client.ts';

let identity: Pick<FaultyServerOptions, 'tls'>;
let ca: { pem: string; origin: string };

beforeAll(async () => {
  const authority = await createAuthority();
  const { certificate, key } = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
  identity = { tls: { cert: certificate, key } };
  ca = { pem: authority.caPem, origin: 'the test' };
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});
afterAll(() => expect(opened).toEqual([]));

async function serve(script: Script): Promise<FaultyServer> {
  const server = await startFaultyServer(script, identity);
  opened.push(server);
  return server;
}

function client(servers: readonly (FaultyServer | URL)[], options: ClientOptions = {}): ClientUnderTest {
  const urls = servers.map((server) => (server instanceof URL ? server : server.url));
  const opening = openClient(urls, { ca, ...options });
  opened.push(opening);
  return opening;
}

/** Plays the steps of one answer after the other, the last one again and again. */
function inTurn(...answers: readonly (readonly Step[])[]): Script {
  return ({ index }) => answers[Math.min(index, answers.length - 1)] ?? [];
}

const OK = answer(200, '{"ok":true}');

// --- What is sent

test('a request goes out as it was asked for, and nothing else does', async () => {
  const server = await serve(inTurn([OK]));
  const http = client([new URL('/api/', server.url)]);
  const got = await http.send({
    ...get('/authn/x?y=%2F'),
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    secretHeaders: { authorization: new Sensitive('Token token="abc"') },
    body: new Sensitive('jwt=a.b.c'),
  });
  expect(got).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
  expect(got.body.toString()).toBe('{"ok":true}');
  const [head = '', body] = server.requests[0]?.text.split('\r\n\r\n') ?? [];
  expect(body).toBe('jwt=a.b.c');
  expect(head.split('\r\n').toSorted()).toEqual(
    [
      'POST /api/authn/x?y=%2F HTTP/1.1',
      `host: 127.0.0.1:${server.port}`,
      'connection: keep-alive',
      'content-type: application/x-www-form-urlencoded',
      'content-length: 9',
      'accept-encoding: identity',
      'authorization: Token token="abc"',
      'user-agent: secretctl/0.1.0',
      'x-request-id: 0000000000000000',
    ].toSorted(),
  );
});

test('a debug line tells of each request, and holds no value', async () => {
  const secret = canary();
  const server = await serve(inTurn([OK]));
  const http = client([server]);
  await http.send(
    get(`/secrets/${secret}`, { label: '/secrets/{path}', secretHeaders: { authorization: new Sensitive(secret) } }),
  );
  expect(http.lines).toEqual([
    expect.stringMatching(
      /^secretctl: debug: request method=GET endpoint=127\.0\.0\.1:\d+ path=\/secrets\/\{path\} status=200 sent=0 received=11 ms=\d+ id=0{16}$/,
    ),
  ]);
});

test('the id of a request is random, and the server may name it otherwise', async () => {
  const server = await serve(
    inTurn([OK], [answer(200, '', { 'x-request-id': 'srv-17' })], [answer(200, '', { 'x-request-id': 'a b' })]),
  );
  const http = client([server], { runtime: { random: systemRuntime().random } });
  const first = await http.send(get('/'));
  const second = await http.send(get('/'));
  const third = await http.send(get('/'));
  const sent = server.requests.map(({ text }) => /x-request-id: ([0-9a-f]{16})\r\n/.exec(text)?.[1]);
  expect(new Set(sent).size).toBe(3);
  expect([first.requestId, second.requestId, third.requestId]).toEqual([sent[0], 'srv-17', sent[2]]);
});

test.each(['a\r\nb: c', 'a\nb', 'a\0b', 'é', '\u0100', '\u007f', ''])(
  '76 a secret header of %j is never sent',
  async (value) => {
    const server = await serve(inTurn([OK]));
    const failure = await failureOf(
      client([server]).send(get('/', { secretHeaders: { authorization: new Sensitive(value) } })),
    );
    expect(failure.reason).toBe('UNEXPECTED_ANSWER');
    expect(server.connections).toBe(0);
  },
);

test('a request of more than 32 KiB is not sent', async () => {
  const server = await serve(inTurn([OK]));
  const http = client([server]);
  const request = get('/', { method: 'POST', body: new Sensitive('x'.repeat(32 * 1024)) });
  expect(await failureOf(http.send(request))).toMatchObject({ reason: 'BAD_REQUEST' });
  expect(server.connections).toBe(0);
});

test.each(['http://vault.example.com', 'http://10.0.0.1', 'http://127.0.0.1.example.com'])(
  '26 %s is refused',
  (url) => {
    expect(() => client([new URL(url)])).toThrow(expect.objectContaining({ reason: 'PLAIN_HTTP' }));
  },
);

test('plain http to this machine is allowed', async () => {
  const server = await startFaultyServer(inTurn([OK]));
  opened.push(server);
  expect(await client([server]).send(get('/'))).toMatchObject({ status: 200 });
});

// --- Connections

test('one connection serves requests that follow each other', async () => {
  const server = await serve(inTurn([OK]));
  const http = client([server]);
  for (let turn = 0; turn < 5; turn++) await http.send(get(`/${turn}`));
  expect(server.connections).toBe(1);
});

test('reads go side by side, over at most 8 connections', async () => {
  let release = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = await serve(({ index }) => {
    if (index === 7) release();
    return [{ until }, OK];
  });
  const http = client([server]);
  const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => http.send(get(`/${index}`))));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(server.connections).toBe(8);
});

test('who waits for a connection when the deadline comes ends with it', async () => {
  const server = await serve(() => []);
  const http = client([server]);
  const calls = Array.from({ length: 10 }, (_, index) => failureOf(http.send(get(`/${index}`))));
  http.deadline.abort(new SecretctlError('TIMEOUT', 'over'));
  expect((await Promise.all(calls)).map(({ reason }) => reason)).toEqual(calls.map(() => 'TIMEOUT'));
});

test('what is in force is fingerprinted', () => {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const server = new URL('https://127.0.0.1:1');
  expect(client([server]).trust).toEqual([sha256(ca.pem), '']);
  const plain = openClient([server], { client: { certificate: 'cert', key: new Sensitive('key') } });
  opened.push(plain);
  expect(plain.trust).toEqual(['system', sha256('cert')]);
});

// --- Redirects

const REDIRECTS = [301, 302, 303, 307, 308].flatMap((status) =>
  (['the same origin', 'another port', 'another host'] as const).map((where) => ({ status, where })),
);

test.each(REDIRECTS)('52 a $status to $where is refused, and nobody else sees a byte', async ({ status, where }) => {
  const second = await serve(inTurn([OK]));
  const server = await serve((request) => [
    answer(status, '', { location: `${locationOf(where, request.text)}/path?token=abc` }),
  ]);
  function locationOf(place: typeof where, text: string): string {
    if (place === 'the same origin') return `https://${/host: (.*)\r/.exec(text)?.[1] ?? ''}`;
    return place === 'another port' ? second.url.origin : `https://localhost:${second.port}`;
  }
  const http = client([server]);
  for (const method of ['GET', 'POST'] as const) {
    const body = method === 'POST' ? { body: new Sensitive('jwt=secret') } : {};
    const failure = await failureOf(http.send({ ...get('/x'), method, ...body }));
    expect(failure).toMatchObject({ reason: 'REDIRECT_REFUSED', exit: 76 });
    expect(failure.message).toContain(`status ${status}`);
    expect(failure.message).toContain(
      where === 'another host' ? `https://localhost:${second.port} ` : 'https://127.0.0.1:',
    );
    expect(failure.message).not.toMatch(/token|path\?/);
  }
  expect(server.requests).toHaveLength(2);
  expect(second.connections).toBe(0);
});

test.each([undefined, 'http://[', 'javascript:alert(1)'])('52 a redirect to %s is refused', async (location) => {
  const server = await serve(inTurn([answer(302, '', location === undefined ? {} : { location })]));
  expect(await failureOf(client([server]).send(get('/')))).toMatchObject({ reason: 'REDIRECT_REFUSED' });
});

// --- Repeats

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
  expect(server.requests).toHaveLength(4);
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

// --- Time

test('63 a server that accepts and stays silent is given up after 15 s, once', async () => {
  const server = await serve(() => []);
  const http = client([server], { runtime: fastWorld() });
  const world = fastWorld();
  const start = world.monotonic();
  const failure = await failureOf(http.send(get('/')));
  expect(failure).toMatchObject({ reason: 'TIMEOUT_HEADERS', exit: 69 });
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
  const start = performance.now();
  const failure = await failureOf(http.send(get('/')));
  expect(failure).toMatchObject({ reason: 'TIMEOUT', exit: 69 });
  expect(performance.now() - start).toBeLessThan(800);
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

// --- Size and form of an answer

test.each<[string, readonly Step[]]>([
  ['one of 1 MB', [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`]],
  ['endless ones', ['HTTP/1.1 200 OK\r\n', { endless: `x-many: ${'y'.repeat(100)}\r\n` }]],
  ['an endless one', ['HTTP/1.1 200 OK\r\nx: ', { endless: 'y'.repeat(1000) }]],
])('65 headers, %s', async (_, steps) => {
  const server = await serve(() => steps);
  expect(await failureOf(client([server]).send(get('/')))).toMatchObject({ reason: 'HEADERS_TOO_BIG', exit: 76 });
  expect(server.requests).toHaveLength(1);
});

const CHUNK = `400\r\n${'x'.repeat(0x400)}\r\n`;

test.each<[string, readonly Step[]]>([
  ['a length too big', ['HTTP/1.1 200 OK\r\ncontent-length: 65537\r\n\r\n']],
  ['endless chunks', ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', { endless: CHUNK }]],
  [
    'a chunk too big',
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffff\r\n', { endless: 'x'.repeat(1000) }],
  ],
])('66 a body, %s', async (_, steps) => {
  const server = await serve(() => steps);
  const before = process.memoryUsage().rss;
  expect(await failureOf(client([server]).send(get('/')))).toMatchObject({ reason: 'RESPONSE_TOO_BIG', exit: 76 });
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
});

test.each([
  ['with a length', 'content-length: 65536\r\n\r\n', 'x'.repeat(65_536)],
  ['in chunks', 'transfer-encoding: chunked\r\n\r\n', `${CHUNK.repeat(64)}0\r\n\r\n`],
])('a body of exactly the limit is read, %s', async (_, head, body) => {
  const server = await serve(() => [`HTTP/1.1 200 OK\r\n${head}${body}`]);
  const got = await client([server]).send(get('/'));
  expect(got.body.toString()).toBe('x'.repeat(65_536));
});

test.each(['gzip', 'br', 'zstd', 'deflate', 'x-gzip', 'gzip, gzip, gzip, gzip, gzip', 'base64'])(
  '67 an answer in %s is refused',
  async (encoding) => {
    const server = await serve(inTurn([answer(200, 'x', { 'content-encoding': encoding })]));
    expect(await failureOf(client([server]).send(get('/')))).toMatchObject({ reason: 'ENCODING_REFUSED', exit: 76 });
    expect(server.requests).toHaveLength(1);
  },
);

test('67 an encoding that the protocol defines is asked for and accepted', async () => {
  const server = await serve(inTurn([answer(200, 'eA==', { 'content-encoding': 'Base64' })], [answer(200, 'x')]));
  const http = client([server]);
  const encoded = await http.send(get('/', { contentEncoding: 'base64' }));
  expect(encoded.headers['content-encoding']).toBe('Base64');
  expect(server.requests[0]?.text).toMatch(/\r\naccept-encoding: base64\r\n/);
  const plain = await http.send(get('/', { contentEncoding: 'base64' }));
  expect(plain.headers['content-encoding']).toBeUndefined();
});

test.each([
  ['no length, then closed', 'HTTP/1.1 200 OK\r\n\r\nabc'],
  ['no length, closing announced', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc'],
  ['HTTP/1.0 without length', 'HTTP/1.0 200 OK\r\n\r\nabc'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc'],
  ['two different lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc'],
  ['a list of lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3, 3\r\n\r\nabc'],
  [
    'length and chunks',
    'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  ],
  [
    'chunks and length',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  ],
  ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -3\r\n\r\nabc'],
  ['gzip as transfer encoding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
  ['another transfer encoding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\nabc'],
  ['a bad chunk size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n'],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['a space before a colon', 'HTTP/1.1 200 OK\r\ncontent-length : 3\r\n\r\nabc'],
])('69, 75 framing: %s', async (_, bytes) => {
  const server = await serve(() => [bytes, FINISH]);
  expect(await failureOf(client([server]).send(get('/')))).toMatchObject({ reason: 'FRAMING', exit: 76 });
  expect(server.requests).toHaveLength(1);
});

test('an answer without content needs no length', async () => {
  const server = await serve(inTurn(['HTTP/1.1 204 No Content\r\n\r\n'], [OK]));
  const http = client([server]);
  expect(await http.send(get('/', { method: 'DELETE' }))).toMatchObject({ status: 204, body: Buffer.alloc(0) });
  expect(await http.send(get('/'))).toMatchObject({ status: 200 });
});

test.each<[string, readonly Step[]]>([
  ['without length', ['HTTP/1.0 503 Unavailable\r\n\r\n<html>', FINISH]],
  ['too big', ['HTTP/1.1 503 Unavailable\r\ncontent-length: 9999999\r\n\r\n', { endless: 'x' }]],
  ['compressed', [answer(503, 'x', { 'content-encoding': 'gzip' })]],
  ['cut', ['HTTP/1.1 503 Unavailable\r\ncontent-length: 10\r\n\r\nabc', CUT]],
])('of a failure the status counts even where its body is %s', async (_, steps) => {
  const server = await serve(() => steps);
  const got = await client([server]).send(get('/'));
  expect(got.status).toBe(503);
  expect(got.body).toHaveLength(0);
  expect(server.requests).toHaveLength(4);
});

test('headers have lower-case names, repeated ones are joined, and none reaches a prototype', async () => {
  const bytes = 'HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\n__proto__: evil\r\nContent-Length: 0\r\n\r\n';
  const server = await serve(() => [bytes]);
  const { headers } = await client([server]).send(get('/'));
  expect(headers['x-a']).toBe('1, 2');
  expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  expect(Object.keys(headers).toSorted()).toEqual(['__proto__', 'content-length', 'x-a']);
});

// --- Failover

test('80 leader down, follower up', async () => {
  const down = await startFaultyServer(() => []);
  await down.close();
  const follower = await serve(inTurn([OK]));
  const http = client([new URL(`https://127.0.0.1:${down.port}`), follower]);
  expect(http.endpoint.port).toBe(String(down.port));
  expect(await http.send(get('/'))).toMatchObject({ status: 200 });
  expect(http.lines.join('\n')).toMatch(
    /debug: failover from=https:\/\/127\.0\.0\.1:\d+ to=https:\/\/127\.0\.0\.1:\d+/,
  );
  expect(http.endpoint).toEqual(follower.url);
});

test.each([502, 503, 504])(
  '80 a leader that answers %i is passed over, and the one that answered is kept',
  async (status) => {
    const leader = await serve(inTurn([answer(status)]));
    const follower = await serve(inTurn([OK]));
    const http = client([leader, follower]);
    for (let turn = 0; turn < 3; turn++) expect(await http.send(get('/'))).toMatchObject({ status: 200 });
    expect(leader.requests).toHaveLength(1);
    expect(follower.requests).toHaveLength(3);
  },
);

test.each([400, 401, 403, 404, 500])('%i from the first endpoint is final for it', async (status) => {
  const leader = await serve(inTurn([answer(status)]));
  const follower = await serve(inTurn([OK]));
  expect(await client([leader, follower]).send(get('/'))).toMatchObject({ status });
  expect(follower.connections).toBe(0);
});

test('an endpoint that is not trusted is not passed over in silence', async () => {
  const other = await createAuthority();
  const { certificate, key } = await other.issue({ names: ['127.0.0.1'] });
  const leader = await startFaultyServer(inTurn([OK]), { tls: { cert: certificate, key } });
  opened.push(leader);
  const follower = await serve(inTurn([OK]));
  expect(await failureOf(client([leader, follower]).send(get('/')))).toMatchObject({ reason: 'TLS_TRUST' });
  expect(follower.connections).toBe(0);
});

test('all endpoints failing makes four rounds at most', async () => {
  const [one, two] = [await serve(inTurn([answer(503)])), await serve(inTurn([answer(502)]))];
  expect(await client([one, two]).send(get('/'))).toMatchObject({ status: 502 });
  expect([one.requests.length, two.requests.length]).toEqual([4, 4]);
});

test('what may be sent only once goes to the next endpoint only when nothing was sent', async () => {
  const down = await startFaultyServer(() => []);
  await down.close();
  const [leader, follower] = [await serve(inTurn([answer(503)])), await serve(inTurn([OK]))];
  const refused = client([new URL(`https://127.0.0.1:${down.port}`), follower]);
  expect(await refused.send(get('/', { retry: 'none' }))).toMatchObject({ status: 200 });
  expect(await client([leader, follower]).send(get('/', { retry: 'none' }))).toMatchObject({ status: 503 });
});

// --- Clocks

test.each([
  [20, 'behind'],
  [-20, 'ahead of'],
])("79 a server's clock %i min off is told once", async (minutes, side) => {
  const date = new Date(Date.now() + minutes * 60_000).toUTCString();
  const server = await serve(inTurn([answer(200, '', { date })]));
  const http = client([server]);
  expect(http.clockOffsetMs).toBe(0);
  await http.send(get('/'));
  const { clockOffsetMs } = await http.send(get('/'));
  expect(Math.abs((clockOffsetMs ?? 0) - minutes * 60_000)).toBeLessThan(5000);
  expect(http.clockOffsetMs).toBe(clockOffsetMs);
  const warnings = http.lines.filter((line) => line.includes('warning'));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(new RegExp(`clock is (19|20) min ${side} the server`));
});

test('79 a clock less than a minute off is nobody’s business', async () => {
  const date = new Date(Date.now() + 50_000).toUTCString();
  const server = await serve(inTurn([answer(200, '', { date })], [answer(200, '', { date: 'yesterday' })]));
  const http = client([server]);
  await http.send(get('/'));
  expect(http.lines.some((line) => line.includes('warning'))).toBe(false);
  expect((await http.send(get('/'))).clockOffsetMs).toBeUndefined();
});
