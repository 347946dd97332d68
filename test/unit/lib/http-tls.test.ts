import { randomInt } from 'node:crypto';
import { spawn } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Authority, createAuthority, type IssueOptions } from '../../../src/dev/frame/certificates.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { type FaultyServer, type FaultyServerOptions, startFaultyServer } from '../../support/faulty-server.ts';
import { deadEndpoint, failureOf, fastWorld, get, inTurn, OK, setHttpStage } from '../../support/http-client.ts';
import { within } from '../../support/within.ts';

const { client, serve } = setHttpStage();
const folder = mkdtempSync(path.join(tmpdir(), 'tls-'));
let authority: Authority;
let ca: { pem: string; origin: string };

beforeAll(async () => {
  authority = await createAuthority();
  ca = { pem: authority.caPem, origin: 'file ca.pem' };
  writeFileSync(path.join(folder, 'ca.pem'), authority.caPem);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function identityFor(
  options: Partial<IssueOptions> = {},
  by = authority,
): Promise<FaultyServerOptions['tls'] & object> {
  const { certificate, key } = await by.issue({ names: ['127.0.0.1', 'localhost'], ...options });
  return { cert: certificate, key };
}

async function serveTls(tls: FaultyServerOptions['tls']): Promise<FaultyServer> {
  return serve(inTurn([OK]), { tls });
}

// --- Getting there

test('37 a host that does not exist', async () => {
  const http = client([new URL('https://vault.invalid')], { runtime: fastWorld() });
  const failure = await failureOf(http.send(get('/')));
  expect(failure).toMatchObject({ reason: 'DNS', exit: 69 });
  expect(failure.message).toContain('vault.invalid');
});

/** A port of 127.0.0.2 that takes no connection any more: its queue is full and nobody empties it. */
async function clogPort(port: number): Promise<() => void> {
  const program = `require('net').createServer().listen({ port: ${port}, host: '127.0.0.2', backlog: 1 }, () => {
    process.stdout.write('up', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const fillers = Array.from({ length: 6 }, () =>
    net.connect({ port, host: '127.0.0.2' }).on('error', () => undefined),
  );
  await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')));
  return () => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
  };
}

test('38 first address dead, second good: within 3 s', async () => {
  const server = await serveTls(await identityFor({ names: ['vault.test'] }));
  const unclog = await clogPort(server.port);
  vi.spyOn(dns, 'lookup').mockImplementation(((
    _name: string,
    _options: object,
    callback: (...args: unknown[]) => void,
  ) => {
    callback(
      null,
      ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 })),
    );
  }) as typeof dns.lookup);
  const start = performance.now();
  const http = client([new URL(`https://vault.test:${server.port}`)], { ca });
  expect(await within(3000, http.send(get('/')))).toMatchObject({ status: 200 });
  expect(performance.now() - start).toBeGreaterThan(1900);
  unclog();
});

test('39 a handshake slower than 250 ms', async () => {
  const server = await serveTls(await identityFor());
  const slow = net.createServer((socket) => {
    const onward = net.connect(server.port, '127.0.0.1');
    setTimeout(() => socket.pipe(onward).pipe(socket), 400);
  });
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const { port } = slow.address() as net.AddressInfo;
  expect(await client([new URL(`https://127.0.0.1:${port}`)], { ca }).send(get('/'))).toMatchObject({ status: 200 });
  slow.close();
});

test('40 a connection refused, and the server up a second later', async () => {
  // Below the ports that the system hands out: no other server is given it meanwhile.
  const url = new URL(`https://127.0.0.1:${randomInt(10_000, 30_000)}`);
  const listener = net.createServer((socket) => socket.end());
  const world = fastWorld();
  const start = world.monotonic();
  let pauses = 0;
  const sleep: typeof world.sleep = async (milliseconds, signal) => {
    await world.sleep(milliseconds, signal);
    // Waits of ten seconds and more are limits, no pauses. The third pause is the last.
    if (milliseconds >= 10_000 || ++pauses !== 3) return;
    expect(world.monotonic() - start).toBeGreaterThan(1000);
    await once(listener.listen(Number(url.port), '127.0.0.1'), 'listening');
  };
  const http = client([url], { ca, runtime: { ...world, sleep } });
  const failure = await failureOf(http.send(get('/')));
  listener.close();
  // It was reached: what it then did wrong is another matter.
  expect(failure.reason).toBe('CONNECTION_LOST');
  expect(http.lines.filter((line) => line.includes('reason=CONNECT '))).toHaveLength(3);
});

test('a connection that is always refused is given up after four tries', async () => {
  const http = client([deadEndpoint()], { ca, runtime: fastWorld() });
  const failure = await failureOf(http.send(get('/', { retry: 'none' })));
  expect(failure).toMatchObject({ reason: 'CONNECT', exit: 69 });
  expect(failure.message).toContain('ECONNREFUSED');
  expect(http.lines.filter((line) => line.includes('reason=CONNECT '))).toHaveLength(4);
});

test('a server that accepts and does not shake hands is given up after 10 s', async () => {
  const server = await serve(() => [], { tls: undefined, greeting: [] });
  const runtime = fastWorld(10);
  const http = client([new URL(`https://127.0.0.1:${server.port}`)], { ca, runtime, budgetMs: 35_000 });
  const failure = await within(3800, failureOf(http.send(get('/', { retry: 'none' }))));
  expect(failure).toMatchObject({ reason: 'TIMEOUT' });
  expect(http.lines[0]).toMatch(/reason=CONNECT .*ms=1\d{4} /);
});

// --- Trust

const DAY = 24 * 60 * 60 * 1000;

test.each<[string, Partial<IssueOptions>, RegExp]>([
  ['expired', { notAfterMs: Date.now() - DAY }, /expired \(CERT_HAS_EXPIRED\)/],
  ['not valid yet', { notBeforeMs: Date.now() + DAY }, /CERT_NOT_YET_VALID/],
  ['made out to another name', { names: ['other.test'] }, /expected 127\.0\.0\.1, made out to DNS:other\.test/],
  ['meant for clients', { usage: 'client' }, /INVALID_PURPOSE/],
])('41 a certificate that is %s', async (_, options, says) => {
  const server = await serveTls(await identityFor(options));
  await expectUntrusted(server, says);
  expect(server.connections).toBe(0);
});

test('41 a certificate of an unknown authority, or of none', async () => {
  const other = await createAuthority();
  const server = await serveTls(await identityFor({}, other));
  const failure = await expectUntrusted(server, /issuer CN=secretctl throw-away authority/);
  expect(failure.hints.join(' ')).toMatch(/--ca-file/);
  expect(failure.hints.join(' ')).toContain('file ca.pem');
});

async function expectUntrusted(server: FaultyServer, says: RegExp): Promise<Awaited<ReturnType<typeof failureOf>>> {
  const http = client([server], { ca });
  const failure = await failureOf(http.send(get('/', { secretHeaders: { authorization: new Sensitive('secret') } })));
  expect(failure).toMatchObject({ reason: 'TLS_TRUST', exit: 80, retryable: false });
  expect(failure.message).toMatch(/subject CN=.*issuer CN=/);
  expect(failure.message).toMatch(says);
  expect(failure.hints.join(' ')).toContain('--ca-file');
  expect(http.lines.filter((line) => line.includes('debug: request'))).toHaveLength(1);
  expect(server.received).toBe(0);
  return failure;
}

test('without a CA the default roots are asked, then the system’s, and then it is over', async () => {
  const server = await serveTls(await identityFor());
  const failure = await failureOf(client([server], { ca: undefined }).send(get('/')));
  expect(failure).toMatchObject({ reason: 'TLS_TRUST' });
  expect(server.received).toBe(0);
});

test('another name may be expected than the host’s', async () => {
  const server = await serveTls(await identityFor({ names: ['vault.test'] }));
  expect(await client([server], { ca, serverName: 'vault.test' }).send(get('/'))).toMatchObject({ status: 200 });
  const failure = await failureOf(client([server], { ca, serverName: 'other.test' }).send(get('/')));
  expect(failure.message).toContain('expected other.test');
});

async function getInProcess(server: FaultyServer, env: Record<string, string>): Promise<string> {
  const program = path.join(import.meta.dirname, '../../fixtures/programs/get.ts');
  const child = spawn(process.execPath, [program, server.url.href], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  return (await text(child.stdout)).trim();
}

test.each(['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'])('roots named by %s are trusted', async (variable) => {
  const server = await serveTls(await identityFor());
  expect(await getInProcess(server, { [variable]: path.join(folder, 'ca.pem') })).toBe('200');
});

test('44 NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing here', async () => {
  const server = await serveTls(await identityFor());
  expect(await getInProcess(server, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toBe('TLS_TRUST');
  expect(server.received).toBe(0);
});

// --- Versions and certificates of clients

const OLD = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

test('42 a server that offers TLS 1.1', async () => {
  const server = await serveTls({ ...(await identityFor()), ...OLD });
  expect(await failureOf(client([server], { ca }).send(get('/')))).toMatchObject({ reason: 'TLS_VERSION', exit: 80 });
});

test('42 and not even where Node was told to accept it', async () => {
  const server = await serveTls({ ...(await identityFor()), ...OLD });
  const env = {
    NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem'),
    NODE_OPTIONS: '--tls-min-v1.0 --tls-cipher-list=DEFAULT@SECLEVEL=0',
  };
  expect(await getInProcess(server, env)).toBe('TLS_VERSION');
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is spoken', async (version) => {
  const server = await serveTls({ ...(await identityFor()), minVersion: version, maxVersion: version });
  expect(await client([server], { ca }).send(get('/'))).toMatchObject({ status: 200 });
});

test.each([
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'],
  ['SMTP', '220 mail.example.com ESMTP\r\n'],
])('43 a server that speaks %s on the port', async (_, greeting) => {
  const server = await serve(() => [], { tls: undefined, greeting: [greeting] });
  const http = client([new URL(`https://127.0.0.1:${server.port}`)], { ca });
  expect(await failureOf(http.send(get('/')))).toMatchObject({ reason: 'TLS_NOT_TLS', exit: 80 });
  expect(server.connections).toBe(1);
});

test('a server without a cipher in common', async () => {
  const server = await serveTls({
    ...(await identityFor()),
    maxVersion: 'TLSv1.2',
    ciphers: 'ECDHE-RSA-AES128-GCM-SHA256',
  });
  expect(await failureOf(client([server], { ca }).send(get('/')))).toMatchObject({ reason: 'TLS_HANDSHAKE', exit: 80 });
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('47 a client certificate is wanted, over %s', async (version) => {
  const tls = {
    ...(await identityFor()),
    requestCert: true,
    ca: authority.caPem,
    minVersion: version,
    maxVersion: version,
  };
  const server = await serveTls(tls);
  const without = await failureOf(client([server], { ca }).send(get('/')));
  expect(without).toMatchObject({ reason: 'MTLS_REQUIRED', exit: 80 });
  expect(without.message).toContain('none is set');

  const mine = await authority.issue({ names: ['job'], usage: 'client' });
  const own = { certificate: mine.certificate, key: new Sensitive(mine.key) };
  expect(await client([server], { ca, client: own }).send(get('/'))).toMatchObject({ status: 200 });
});

test.each([
  [40, 'TLS_HANDSHAKE'],
  [42, 'MTLS_REQUIRED'],
  [43, 'MTLS_REQUIRED'],
  [44, 'MTLS_REQUIRED'],
  [45, 'MTLS_REQUIRED'],
  [46, 'MTLS_REQUIRED'],
  [48, 'MTLS_REQUIRED'],
  [49, 'MTLS_REQUIRED'],
  [70, 'TLS_VERSION'],
  [80, 'TLS_HANDSHAKE'],
])('47 the alert %i means %s', async (alert, reason) => {
  // RFC 8446, 5.1 and 6: a fatal alert in a record of its own.
  const greeting = [Buffer.of(21, 3, 3, 0, 2, 2, alert)];
  const server = await serve(() => [], { tls: undefined, greeting });
  const mine = await authority.issue({ names: ['job'], usage: 'client' });
  const own = { certificate: mine.certificate, key: new Sensitive(mine.key) };
  const failure = await failureOf(
    client([new URL(`https://127.0.0.1:${server.port}`)], { ca, client: own }).send(get('/')),
  );
  expect(failure).toMatchObject({ reason, exit: 80 });
  if (reason === 'MTLS_REQUIRED') expect(failure.message).toContain('refused the client certificate');
  expect(server.connections).toBe(1);
});

test('a listener that is no server at all is left alone after the failure', async () => {
  const server = await startFaultyServer(() => [], { greeting: [{ end: 'reset' }] });
  const http = client([new URL(`https://127.0.0.1:${server.port}`)], { ca, runtime: fastWorld() });
  expect(await failureOf(http.send(get('/')))).toMatchObject({ reason: 'CONNECTION_LOST', exit: 69 });
  expect(server.connections).toBe(4);
  await server.close();
});
