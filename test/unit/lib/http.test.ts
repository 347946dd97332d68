import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { SecretctlError } from '../../../src/lib/errors.ts';
import { openHttp } from '../../../src/lib/http.ts';
import { systemRuntime } from '../../../src/lib/runtime.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { canary } from '../../support/canaries.ts';
import { answer } from '../../support/faulty-server.ts';
import { failureOf, get, inTurn, OK, openClient, setHttpStage } from '../../support/http-client.ts';
import { invocationIn } from '../../support/invocation.ts';

const { client, serve } = setHttpStage();

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

test("plain http to Google's metadata server needs its name, its port and somebody who means it", async () => {
  const open = (url: string, isMetadataServer: boolean) =>
    openHttp({ endpoints: [new URL(url)], isMetadataServer }, invocationIn()).close();
  await open('http://metadata.google.internal', true);
  for (const [url, isMeant] of [
    ['http://metadata.google.internal', false],
    ['http://metadata.google.internal:8080', true],
    ['http://metadata.google.internal/x', true],
    ['http://metadata.google.internal.example.test', true],
    ['http://169.254.169.254', true],
  ] as const) {
    expect(() => open(url, isMeant)).toThrow(expect.objectContaining({ reason: 'PLAIN_HTTP' }));
  }
});

test('plain http to this machine is allowed', async () => {
  const server = await serve(inTurn([OK]), { tls: undefined });
  expect(await client([server]).send(get('/'))).toMatchObject({ status: 200 });
});

test('one connection serves requests that follow each other', async () => {
  const server = await serve(inTurn([OK]));
  const http = client([server]);
  for (let turn = 0; turn < 5; turn++) await http.send(get(`/${turn}`));
  expect(server.connections).toBe(1);
});

test('reads go side by side, over at most 8 connections', async () => {
  const all = Promise.withResolvers<void>();
  const server = await serve(({ index }) => {
    if (index === 7) all.resolve();
    return [{ until: all.promise }, OK];
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
  const server = new URL('https://127.0.0.1:1');
  const ca = { pem: 'roots', origin: 'the test' };
  const certificate = { certificate: 'cert', key: new Sensitive('key') };
  expect(openClient([server], { ca }).trust).toEqual([sha256('roots'), '']);
  expect(openClient([server], { client: certificate }).trust).toEqual(['system', sha256('cert')]);
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

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
