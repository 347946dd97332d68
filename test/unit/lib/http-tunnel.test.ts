import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Authority, createAuthority } from '../../../src/dev/frame/certificates.ts';
import { answer, type FaultyServer, FINISH, type Step } from '../../support/faulty-server.ts';
import { deadEndpoint, failureOf, fastWorld, get, inTurn, OK, setHttpStage } from '../../support/http-client.ts';
import { startProxy, type TestProxy } from '../../support/proxy.ts';

const { client, serve } = setHttpStage();
const VAULT = new URL('https://vault.test:8443/base');
const PASSWORD = 'hunter2hunter2';
let authority: Authority;
let ca: { pem: string; origin: string };
let vault: FaultyServer;
let proxy: TestProxy | undefined;

beforeAll(async () => {
  authority = await createAuthority();
  ca = { pem: authority.caPem, origin: 'the test' };
});
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
});

async function proxyToVault(tls?: { cert: string; key: string }): Promise<TestProxy> {
  const issued = await authority.issue({ names: ['vault.test'] });
  vault = await serve(inTurn([OK]), { tls: { cert: issued.certificate, key: issued.key } });
  proxy = await startProxy(vault.port, tls === undefined ? {} : { tls });
  return proxy;
}

/** A proxy that answers CONNECT with these bytes. */
async function proxySaying(...steps: readonly Step[]): Promise<FaultyServer> {
  return serve(() => steps, { tls: undefined });
}

test('requests go through a tunnel, verified end to end, and reuse it', async () => {
  const { port, asked } = await proxyToVault();
  const http = client([VAULT], { ca, env: { https_proxy: `http://user:${PASSWORD}@127.0.0.1:${port}` } });
  expect(await http.send(get('/x'))).toMatchObject({ status: 200 });
  expect(await http.send(get('/y'))).toMatchObject({ status: 200 });
  const credentials = Buffer.from(`user:${PASSWORD}`).toString('base64');
  expect(asked).toEqual([{ target: 'vault.test:8443', authorization: `Basic ${credentials}` }]);
  expect(vault.requests.map(({ text: head }) => head.split('\r\n')[0])).toEqual([
    'GET /base/x HTTP/1.1',
    'GET /base/y HTTP/1.1',
  ]);
  expect(vault.requests[0]?.text).not.toMatch(/proxy|Basic/i);
  expect(http.lines.join('\n')).toContain(`proxy=http://127.0.0.1:${port} from=https_proxy`);
  expect(http.lines.join('\n')).not.toMatch(/hunter|user/);
});

test('reads side by side have tunnels of their own', async () => {
  const { port, asked } = await proxyToVault();
  const http = client([VAULT], { ca, env: { https_proxy: `127.0.0.1:${port}` } });
  await Promise.all([1, 2, 3].map((index) => http.send(get(`/${index}`))));
  expect(asked).toHaveLength(3);
});

test('41 what is behind the proxy must be trusted', async () => {
  const { port } = await proxyToVault();
  const other = await createAuthority();
  const http = client([VAULT], {
    ca: { pem: other.caPem, origin: 'x' },
    env: { https_proxy: `http://127.0.0.1:${port}` },
  });
  expect(await failureOf(http.send(get('/')))).toMatchObject({ reason: 'TLS_TRUST' });
  expect(vault.received).toBe(0);
});

test.each([
  [403, 'PROXY_DENIED', 69, 1],
  [401, 'PROXY_DENIED', 69, 1],
  [500, 'PROXY_DENIED', 69, 1],
  [502, 'PROXY_DENIED', 69, 4],
  [503, 'PROXY_DENIED', 69, 4],
  [407, 'PROXY_AUTH', 78, 1],
  [302, 'PROXY_PROTOCOL', 76, 1],
])('48 a proxy that answers CONNECT with %i is %s', async (status, reason, exit, count) => {
  const saying = await proxySaying(
    answer(status, '<html>no</html>', { 'content-type': 'text/html', location: 'http://x' }),
  );
  const env = { https_proxy: `http://user:${PASSWORD}@127.0.0.1:${saying.port}` };
  const http = client([VAULT], { ca, env, runtime: fastWorld() });
  const failure = await failureOf(http.send(get('/', { retry: 'none' })));
  expect(failure).toMatchObject({ reason, exit });
  expect(failure.message).toContain(`http://127.0.0.1:${saying.port}`);
  expect([failure.message, ...failure.hints, ...http.lines].join('\n')).not.toContain('hunter');
  expect(saying.requests).toHaveLength(count);
});

test.each<[string, readonly Step[]]>([
  ['a page', [answer(200, '<html>Welcome</html>', { 'content-type': 'text/html' })]],
  ['a page without length', ['HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>Welcome</html>', FINISH]],
  ['a page without a header', ['HTTP/1.1 200 OK\r\n\r\n<html><body>Welcome to the guest network</body></html>']],
  ['another protocol', ['SSH-2.0-OpenSSH_9.6\r\n']],
  ['endless headers', ['HTTP/1.1 200 OK\r\n', { endless: `x-many: ${'y'.repeat(100)}\r\n` }]],
])('49 a proxy that answers CONNECT with %s', async (_, steps) => {
  const saying = await proxySaying(...steps);
  const http = client([VAULT], { ca, env: { https_proxy: `http://127.0.0.1:${saying.port}` } });
  expect(await failureOf(http.send(get('/')))).toMatchObject({ reason: 'PROXY_PROTOCOL', exit: 76 });
  expect(saying.requests).toHaveLength(1);
});

test('a proxy that hangs up, and one that stays silent', async () => {
  const closing = await proxySaying(FINISH);
  const first = client([VAULT], { ca, env: { https_proxy: `http://127.0.0.1:${closing.port}` }, runtime: fastWorld() });
  expect(await failureOf(first.send(get('/')))).toMatchObject({ reason: 'CONNECTION_LOST', exit: 69 });
  const silent = await proxySaying();
  const env = { https_proxy: `http://127.0.0.1:${silent.port}` };
  const second = client([VAULT], { ca, env, runtime: fastWorld(), budgetMs: 100_000 });
  expect(await failureOf(second.send(get('/')))).toMatchObject({ reason: 'CONNECT', exit: 69 });
  expect(silent.requests).toHaveLength(4);
});

test('a proxy that is not there is named', async () => {
  const dead = deadEndpoint();
  const http = client([VAULT], { ca, env: { HTTPS_PROXY: `http://${dead.host}` }, runtime: fastWorld() });
  const failure = await failureOf(http.send(get('/')));
  expect(failure).toMatchObject({ reason: 'CONNECT', exit: 69 });
  expect(failure.message).toMatch(/the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\)/);
});

test('50 a socks proxy gets no packet', async () => {
  const saying = await proxySaying();
  const http = client([VAULT], { ca, env: { https_proxy: `socks5://127.0.0.1:${saying.port}` } });
  expect(await failureOf(http.send(get('/')))).toMatchObject({ reason: 'PROXY_SCHEME', exit: 78 });
  expect(saying.connections).toBe(0);
});

test('51 an address range in no_proxy is said not to count', async () => {
  const { port } = await proxyToVault();
  const http = client([VAULT], { ca, env: { https_proxy: `http://127.0.0.1:${port}`, no_proxy: '10.0.0.0/8' } });
  expect(await http.send(get('/'))).toMatchObject({ status: 200 });
  expect(http.lines.filter((line) => line.includes('warning'))).toEqual([expect.stringContaining('10.0.0.0/8')]);
});

test('no_proxy and loopback leave the proxy alone', async () => {
  const { port, asked } = await proxyToVault();
  const env = { https_proxy: `http://127.0.0.1:${port}`, no_proxy: 'vault.test' };
  const direct = client([VAULT], { ca, env, runtime: fastWorld() });
  expect(await failureOf(direct.send(get('/')))).toMatchObject({ reason: 'DNS' });
  const local = await serve(inTurn([OK]));
  expect(await client([local], { env }).send(get('/'))).toMatchObject({ status: 200 });
  expect(asked).toEqual([]);
});

const folder = mkdtempSync(path.join(tmpdir(), 'tunnel-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a proxy that speaks TLS itself is verified with the default roots, not with the CA of the backend', async () => {
  const issued = await authority.issue({ names: ['127.0.0.1'] });
  const { port, asked } = await proxyToVault({ cert: issued.certificate, key: issued.key });
  const failure = await failureOf(
    client([VAULT], { ca, env: { https_proxy: `https://127.0.0.1:${port}` } }).send(get('/')),
  );
  expect(failure).toMatchObject({ reason: 'TLS_TRUST', exit: 80 });
  expect(failure.message).toContain('the proxy https://127.0.0.1');
  expect(asked).toEqual([]);

  writeFileSync(path.join(folder, 'ca.pem'), authority.caPem);
  const program = path.join(import.meta.dirname, '../../fixtures/programs/get.ts');
  const env = { https_proxy: `https://127.0.0.1:${port}`, NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem') };
  const child = spawn(process.execPath, [program, VAULT.href], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  expect(await text(child.stdout)).toBe('200\n');
});
