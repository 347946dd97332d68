import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Authority, createAuthority, type IssuedCertificate } from '../../../src/dev/frame/certificates.ts';
import { certificateAuthority, clientCertificate } from '../../../src/lib/pem.ts';
import { systemRuntime } from '../../../src/lib/runtime.ts';

const runtime = systemRuntime();
const folder = mkdtempSync(path.join(tmpdir(), 'pem-'));
let authority: Authority;
let client: IssuedCertificate;

beforeAll(async () => {
  authority = await createAuthority();
  client = await authority.issue({ names: ['job'], usage: 'client' });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string | Buffer, mode = 0o600): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

function derOf(pem: string): Buffer {
  return new X509Certificate(pem).raw;
}

test('without a setting there is no authority and no client certificate', () => {
  expect(certificateAuthority({}, runtime)).toBeUndefined();
  expect(clientCertificate({}, runtime)).toBeUndefined();
});

test('certificates are read from a file or from text, and all else in it is left out', async () => {
  const other = await createAuthority();
  const text = `comment\n${authority.caPem}# more\n${client.key}${other.caPem}`;
  const fromFile = certificateAuthority({ caFile: put('ca.pem', text) }, runtime);
  const fromText = certificateAuthority({ ca: text }, runtime);
  expect(fromFile?.pem).toBe(`${authority.caPem.trim()}\n${other.caPem.trim()}\n`);
  expect(fromText?.pem).toBe(fromFile?.pem);
  expect(fromFile?.origin).toContain('ca.pem');
});

test('45 lines may end as on Windows', () => {
  const ca = certificateAuthority({ ca: authority.caPem.replaceAll('\n', '\r\n') }, runtime);
  expect(new X509Certificate(ca?.pem ?? '').subject).toContain('throw-away');
});

test.each<[string, () => string, RegExp]>([
  ['missing', () => path.join(folder, 'none.pem'), /does not exist/],
  ['empty', () => put('empty.pem', ''), /is empty/],
  ['DER', () => put('der.pem', derOf(authority.caPem)), /DER/],
  ['a key instead of a certificate', () => put('key-only.pem', client.key), /private key/],
  ['text', () => put('text.pem', 'hello'), /no certificate/],
  ['a broken certificate', () => put('bad.pem', authority.caPem.replace(/[A-Za-z0-9]{40}/, 'A'.repeat(40))), /1 of 1/],
  ['a directory', () => folder, /not a regular file/],
  ['not for us', () => path.join(put('file.pem', 'x'), 'below.pem'), /not a directory/],
  ['too big', () => put('big.pem', Buffer.alloc(4 * 1024 * 1024 + 1)), /larger/],
])('45 a CA file that is %s is refused', (_, make, says) => {
  const call = (): unknown => certificateAuthority({ caFile: make() }, runtime);
  expect(call).toThrow(expect.objectContaining({ reason: 'CA_FILE', exit: 78 }));
  expect(call).toThrow(says);
});

test('45 a FIFO is refused and does not hang', () => {
  const fifo = path.join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  expect(() => certificateAuthority({ caFile: fifo }, runtime)).toThrow(expect.objectContaining({ reason: 'CA_FILE' }));
});

test('a client certificate with its key', () => {
  const found = clientCertificate(
    { clientCertFile: put('client.pem', client.certificate, 0o644), clientKeyFile: put('client.key', client.key) },
    runtime,
  );
  expect(found?.certificate).toBe(client.certificate);
  expect(createPrivateKey(found?.key.reveal() ?? '').asymmetricKeyType).toBe('ec');
  expect(JSON.stringify(found)).not.toContain('PRIVATE');
});

function encrypted(key: string): string {
  return createPrivateKey(key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
}

test.each<[string, () => { clientCertFile?: string; clientKeyFile?: string }, RegExp]>([
  ['no key', () => ({ clientCertFile: put('c.pem', client.certificate) }), /key is missing/],
  ['no certificate', () => ({ clientKeyFile: put('k.pem', client.key) }), /certificate is missing/],
  ['key 0644', () => pair(client.certificate, client.key, 0o644), /0644/],
  ['key 0640', () => pair(client.certificate, client.key, 0o640), /0640/],
  ['encrypted key', () => pair(client.certificate, encrypted(client.key)), /encrypted/],
  ['empty key', () => pair(client.certificate, ''), /is empty/],
  ['not a key', () => pair(client.certificate, client.certificate), /not a private key/],
  ['not a certificate', () => pair(client.key, client.key), /private key and no certificate/],
])('46 %s', (_, make, says) => {
  const call = (): unknown => clientCertificate(make(), runtime);
  expect(call).toThrow(expect.objectContaining({ reason: 'CLIENT_KEY', exit: 78 }));
  expect(call).toThrow(says);
});

function pair(certificate: string, key: string, mode = 0o600): { clientCertFile: string; clientKeyFile: string } {
  return { clientCertFile: put('pair.pem', certificate), clientKeyFile: put('pair.key', key, mode) };
}

test('46 a key that belongs to another certificate', async () => {
  const other = await authority.issue({ names: ['other'], usage: 'client' });
  expect(() => clientCertificate(pair(client.certificate, other.key), runtime)).toThrow(/is not the key of/);
});

test("46 another user's key", () => {
  const foreign = { ...runtime, host: { ...runtime.host, uid: runtime.host.uid + 1 } };
  expect(() => clientCertificate(pair(client.certificate, client.key), foreign)).toThrow(/another user/);
});

test.each([
  ['expired', Date.UTC(2060, 0, 1), /expired at 2049-12-31/],
  ['not valid yet', Date.UTC(1999, 0, 1), /valid only from 2000-01-01/],
])('a certificate that is %s', (_, nowMs, says) => {
  const call = (): unknown => clientCertificate(pair(client.certificate, client.key), { ...runtime, now: () => nowMs });
  expect(call).toThrow(says);
});

test('a key in a directory that is not there', () => {
  mkdirSync(path.join(folder, 'sub'), { recursive: true });
  const call = (): unknown =>
    clientCertificate(
      { clientCertFile: put('c.pem', client.certificate), clientKeyFile: path.join(folder, 'sub/none.key') },
      runtime,
    );
  expect(call).toThrow(expect.objectContaining({ reason: 'CLIENT_KEY' }));
});
