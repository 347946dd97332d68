import { type KeyObject, webcrypto } from 'node:crypto';
import { createAuthority } from '../../../../src/dev/frame/certificates.ts';

/** A certificate of this RSA key by itself, PEM. */
export async function selfSigned(key: KeyObject, name: string): Promise<string> {
  // What loads the library for the rehearsal makes it usable here.
  await createAuthority();
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  const privateKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
  const { kty = '', n = '', e = '' } = key.export({ format: 'jwk' });
  const publicKey = await webcrypto.subtle.importKey('jwk', { kty, n, e }, algorithm, true, ['verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}`,
    notBefore: new Date(Date.UTC(2000)),
    notAfter: new Date(Date.UTC(2049)),
    signingAlgorithm: algorithm,
    keys: { privateKey, publicKey },
  });
  return `${certificate.toString('pem')}\n`;
}
