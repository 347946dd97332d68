import { existsSync, readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { openRehearsal, type Rehearsal, type RehearsalSetup } from '../../../../src/dev/frame/rehearsal.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { ask, ECHO, http } from '../../../support/echo-product.ts';
import { issuerKey } from '../../../support/issuer-key.ts';

const open: Rehearsal[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((rehearsal) => rehearsal.close()));
});

async function rehearse(setup: RehearsalSetup = {}): Promise<Rehearsal> {
  const rehearsal = await openRehearsal(ECHO, { issuerKey, ...setup }, systemRuntime());
  open.push(rehearsal);
  return rehearsal;
}

const ECHOED = '{"method":"GET","target":"/read","body":"","header":"1","verified":false}';

describe('the frame', () => {
  test('hands the target, headers and body over as they came', async () => {
    const rehearsal = await rehearse();
    const { body } = await ask(rehearsal, http('POST', '/x%2Fy/../z?q=%20', 'bytes'));
    expect(JSON.parse(body)).toEqual({
      method: 'POST',
      target: '/x%2Fy/../z?q=%20',
      body: 'bytes',
      header: '1',
      verified: false,
    });
  });

  test('frames every answer by its length; 204 has none', async () => {
    const rehearsal = await rehearse();
    expect((await ask(rehearsal, http('GET', '/read'))).head).toContain(`content-length: ${ECHOED.length}`);
    const nothing = await ask(rehearsal, http('GET', '/nothing'));
    expect(nothing.head).toMatch(/^HTTP\/1\.1 204 /);
    expect(nothing.text).not.toMatch(/content-length|transfer-encoding/);
  });

  test("has the server's clock in Date", async () => {
    const rehearsal = await rehearse({ serverClockMs: 20 * 60_000 });
    const { head } = await ask(rehearsal, http('GET', '/read'));
    const ahead = Date.parse(/^date: (.*)$/m.exec(head)?.[1] ?? '') - Date.now();
    expect(ahead).toBeGreaterThan(19 * 60_000);
    expect(ahead).toBeLessThan(21 * 60_000);
    expect(head.match(/^date:/gm)).toHaveLength(1);
  });

  test('refuses a body over 1 MiB and goes on', async () => {
    const rehearsal = await rehearse();
    const { head } = await ask(rehearsal, http('POST', '/read', 'x'.repeat(1024 * 1024 + 1)));
    expect(head).toMatch(/^HTTP\/1\.1 413 /);
    expect((await ask(rehearsal, http('GET', '/read'))).head).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('holds every answer back by the latency', async () => {
    const rehearsal = await rehearse({ latencyMs: 60 });
    await ask(rehearsal, http('GET', '/read'));
    expect(rehearsal.requests[0]?.milliseconds).toBeGreaterThanOrEqual(59);
  });

  test('a product that fails is an error of the rehearsal', async () => {
    const rehearsal = await openRehearsal(ECHO, { issuerKey }, systemRuntime());
    await ask(rehearsal, http('GET', '/fail'));
    await expect(rehearsal.close()).rejects.toThrow('the product failed');
  });
});

describe('faults on the wire', () => {
  const json = 'content-type: application/json';
  test.each([
    ['read:503', /^HTTP\/1\.1 503 [^]*\{"error":"rehearsal fault"\}$/, 'closed'],
    ['read:429;retry-after=2', /^HTTP\/1\.1 429 [^]*\r\nretry-after: 2\r\n/, 'closed'],
    ['read:400;error=no "such"', /\{"error":"no \\"such\\""\}$/, 'closed'],
    ['read:200;body=null', /^HTTP\/1\.1 200 [^]*\r\n\r\nnull$/, 'closed'],
    ['read:200;body=x;type=text/plain', /content-type: text\/plain[^]*\r\n\r\nx$/, 'closed'],
    ['read:302;location=/elsewhere', /^HTTP\/1\.1 302 [^]*\r\nlocation: \/elsewhere\r\n/, 'closed'],
    ['read:html', /^HTTP\/1\.1 200 [^]*content-type: text\/html[^]*<title>Sign in<\/title>/, 'closed'],
    ['read:empty', /^HTTP\/1\.1 200 [^]*content-length: 0\r\n[^]*\r\n\r\n$/, 'closed'],
    ['read:badjson', new RegExp(`${json}[^]*\\r\\n\\r\\n\\{"token":"cut o$`), 'closed'],
    ['read:redirect', /^HTTP\/1\.1 307 [^]*\r\nlocation: https:\/\/localhost:[0-9]+\/elsewhere\r\n/, 'closed'],
    [
      'read:noframing',
      /^(?![^]*(content-length|transfer-encoding))[^]*connection: close[^]*"verified":false\}$/,
      'closed',
    ],
    ['read:cut;at=10', /content-length: 73\r\n[^]*\r\n\r\n\{"method":$/, 'closed'],
    ['read:cut', /content-length: 73\r\n[^]*\r\n\r\n.{36}$/, 'closed'],
    ['read:drip;ms=1', /content-length: 73\r\n[^]*"verified":false\}$/, 'closed'],
    ['read:slow;ms=1', /"verified":false\}$/, 'closed'],
    ['read:reset', /^$/, 'reset'],
  ] as const)('%s', async (fault, expected, end) => {
    const rehearsal = await rehearse({ faults: [fault] });
    const answer = await ask(rehearsal, http('GET', '/read'));
    expect(answer.text).toMatch(expected);
    expect(answer.end).toBe(end);
  });

  test('read:silent sends nothing, and does not keep the rehearsal from ending', async () => {
    const rehearsal = await rehearse({ faults: ['read:silent'] });
    expect(await ask(rehearsal, http('GET', '/read'), 150)).toMatchObject({ text: '', end: 'open' });
    const waiting = ask(rehearsal, http('GET', '/read'), 20_000);
    await rehearsal.arrival(2);
    await rehearsal.close();
    expect((await waiting).end).not.toBe('open');
  });

  test('read:gzip compresses the true answer', async () => {
    const rehearsal = await rehearse({ faults: ['read:gzip'] });
    const { head, body } = await ask(rehearsal, http('GET', '/read'));
    expect(head).toContain('content-encoding: gzip');
    expect(gunzipSync(Buffer.from(body, 'latin1')).toString()).toBe(ECHOED);
  });

  test('read:bigbody;bytes=N ends after N bytes', async () => {
    const rehearsal = await rehearse({ faults: ['read:bigbody;bytes=100000'] });
    const { head, body } = await ask(rehearsal, http('GET', '/read'));
    expect(head).toMatch(/transfer-encoding: chunked/i);
    // One "a" more: the size of the second chunk is 86a0.
    expect(body.replaceAll(/[^a]/g, '')).toHaveLength(100_001);
    expect(body.endsWith('\r\n0\r\n\r\n')).toBe(true);
  });

  test('read:bigbody has no end and stops when the client goes away', async () => {
    const rehearsal = await rehearse({ faults: ['read:bigbody'] });
    const { port } = new URL(rehearsal.url);
    const { connect } = await import('node:tls');
    const received = await new Promise<number>((resolve) => {
      let bytes = 0;
      const socket = connect({ host: '127.0.0.1', port: Number(port), ca: rehearsal.caPem }, () =>
        socket.write(http('GET', '/read')),
      );
      socket.on('data', (part) => {
        bytes += part.length;
        if (bytes > 4_000_000) socket.destroy();
      });
      socket.once('close', () => resolve(bytes));
    });
    expect(received).toBeGreaterThan(4_000_000);
    await expect.poll(() => rehearsal.requests[0]?.status).toBe(200);
  });

  test('strike in order and leave the rest alone', async () => {
    const rehearsal = await rehearse({ faults: ['exchange:503*2', 'read#2:404'] });
    for (const target of ['/login', '/read', '/login', '/read', '/login', '/read'])
      await ask(rehearsal, http('GET', target));
    expect(rehearsal.requests.map(({ status }) => status)).toEqual([503, 200, 503, 404, 200, 200]);
  });

  test('one that cannot be read starts nothing', async () => {
    await expect(rehearse({ faults: ['read:oops'] })).rejects.toMatchObject({ reason: 'USAGE' });
  });
});

describe('the report', () => {
  test('counts exchanges and reads, names every request in order, and holds no token', async () => {
    const rehearsal = await rehearse({ faults: ['read#2:reset'] });
    const token = await rehearsal.token();
    for (const target of ['/login', '/read', '/read', `/other?leak=${token}`]) {
      await ask(rehearsal, http('POST', target, target === '/login' ? token : ''));
    }
    const report = rehearsal.report();
    expect(report).toMatchObject({
      exchanges: 1,
      reads: 2,
      requests: [
        { method: 'POST', path: '/login', status: 200 },
        { method: 'POST', path: '/read', status: 200 },
        { method: 'POST', path: '/read', status: 0 },
        { method: 'POST', path: '/other?leak=[token]', status: 200 },
      ],
    });
    for (const request of report.requests) {
      expect(Object.keys(request)).toEqual(['method', 'path', 'status', 'milliseconds']);
      expect(request.milliseconds).toBeGreaterThan(0);
    }
  });
});

describe("the job's environment", () => {
  test("holds the CI's variables, the token's, the product's and a private CA file's", async () => {
    const rehearsal = await rehearse();
    const env = rehearsal.environment();
    expect(env).toMatchObject({ GITLAB_CI: 'true', CI: 'true', CI_PROJECT_PATH: 'acme/shop', ECHO_URL: rehearsal.url });
    const caFile = env['ECHO_CA_FILE'] ?? '';
    expect(readFileSync(caFile, 'utf8')).toBe(rehearsal.caPem);
    expect(statSync(caFile).mode & 0o777).toBe(0o600);
    const { body } = await ask(rehearsal, http('POST', '/login', env['SECRETCTL_ID_TOKEN']));
    expect(JSON.parse(body)).toMatchObject({ verified: true });
    await rehearsal.close();
    expect(existsSync(caFile)).toBe(false);
  });

  test('names the token as it was told to', async () => {
    const env = (await rehearse({ tokenVariable: 'MY_TOKEN' })).environment();
    expect(env['MY_TOKEN']).toMatch(/^eyJ/);
    expect(env['SECRETCTL_ID_TOKEN']).toBeUndefined();
  });

  test('the made-up secrets hold several lines, quotes, JSON and bytes that are no text', async () => {
    const values = [...(await rehearse()).paths.values()].map((value) => value ?? Buffer.alloc(0));
    const texts = values.map((value) => value.toString('utf8'));
    expect(texts.filter((text) => text.trim().includes('\n'))).toHaveLength(1);
    expect(texts.filter((text) => /".*\$/.test(text))).toHaveLength(1);
    expect(texts.filter((text) => text.startsWith('{') && JSON.parse(text) !== null)).toHaveLength(1);
    expect(values.filter((value) => !Buffer.from(value.toString('utf8')).equals(value))).toHaveLength(1);
  });
});
