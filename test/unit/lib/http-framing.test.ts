import { expect, test } from 'vitest';
import { answer, CUT, FINISH, type Step } from '../../support/faulty-server.ts';
import { failureOf, get, inTurn, OK, setHttpStage } from '../../support/http-client.ts';

const { client, serve } = setHttpStage();

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
