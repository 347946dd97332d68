import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';

import { expect, test } from 'vitest';

import { createAuthority } from '../../../../src/dev/frame/certificates.ts';

test('a certificate verifies against its authority, for its names only', async () => {
  const authority = await createAuthority();
  const issued = await authority.issue({ names: ['vault.test', '127.0.0.1', '::1'] });
  const certificate = new X509Certificate(issued.certificate);
  const ca = new X509Certificate(authority.caPem);
  expect(ca.ca).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.verify(ca.publicKey)).toBe(true);
  expect(certificate.checkIssued(ca)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(issued.key))).toBe(true);
  expect(certificate.checkHost('vault.test')).toBe('vault.test');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkIP('::1')).toBe('::1');
  expect(certificate.checkHost('other.test')).toBeUndefined();
});

test('the times are the ones asked for', async () => {
  const authority = await createAuthority();
  const notBeforeMs = Date.UTC(2001, 1, 3);
  const notAfterMs = Date.UTC(2002, 1, 3);
  const { certificate } = await authority.issue({ names: ['vault.test'], notBeforeMs, notAfterMs });
  const read = new X509Certificate(certificate);
  expect(read.validFromDate.getTime()).toBe(notBeforeMs);
  expect(read.validToDate.getTime()).toBe(notAfterMs);
});

test('another authority does not vouch for it', async () => {
  const [one, other] = await Promise.all([createAuthority(), createAuthority()]);
  const issued = await one.issue({ names: ['vault.test'] });
  expect(new X509Certificate(issued.certificate).verify(new X509Certificate(other.caPem).publicKey)).toBe(false);
});

test('a TLS handshake works in both directions', async () => {
  const authority = await createAuthority();
  const [server, client] = await Promise.all([
    authority.issue({ names: ['127.0.0.1'] }),
    authority.issue({ names: ['job'], usage: 'client' }),
  ]);
  const listener = createServer(
    {
      cert: server.certificate,
      key: server.key,
      ca: authority.caPem,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => socket.end(String(socket.getPeerCertificate().subject.CN)),
  );
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', ca: authority.caPem, cert: client.certificate, key: client.key });
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toBe('job');
  socket.destroy();
  listener.close();
});
