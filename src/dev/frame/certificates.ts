import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';

import type * as X509 from '@peculiar/x509';

/** A throw-away certificate authority; its key lives and dies with this object. */
export interface Authority {
  /** Its own certificate, PEM: what a client has to trust. */
  readonly caPem: string;
  /** A new key and a certificate for it, signed by this authority. */
  issue(options: IssueOptions): Promise<IssuedCertificate>;
  /** An authority that this one has signed; below it there are no further ones. */
  subordinate(): Promise<Authority>;
}

/** What a certificate is for and when it is valid. */
export interface IssueOptions {
  /** DNS names or IP addresses; the first one is also the subject's common name. */
  readonly names: readonly string[];
  /** Milliseconds since 1970; 2000 without it. */
  readonly notBeforeMs?: number;
  /** Milliseconds since 1970; the end of 2049 without it. */
  readonly notAfterMs?: number;
  /** What the certificate may be used for; `server` without it. */
  readonly usage?: 'server' | 'client';
}

/** A certificate and its key. */
export interface IssuedCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PKCS #8, PEM, not encrypted. */
  readonly key: string;
}

// Fixed dates: a throw-away certificate must not fail because a clock is wrong. 2049 is the last year of UTCTime.
const FROM = Date.UTC(2000, 0, 1);
const TO = Date.UTC(2049, 11, 31);

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** Makes a new authority: P-256 and SHA-256, no CRL, two levels at most. Loads the certificate library (RFC 5280). */
export async function createAuthority(): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const name = nameOf('authority');
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name,
    notBefore: new Date(FROM),
    notAfter: new Date(TO),
    signingAlgorithm: SIGNATURE,
    keys,
    extensions: await authorityExtensions(x509, keys.publicKey, 1),
  });
  return authorityWith(x509, { certificate, key: keys.privateKey });
}

function authorityWith(x509: typeof X509, issuer: Issuer): Authority {
  return {
    caPem: `${issuer.certificate.toString('pem')}\n`,
    issue: (options) => issue(x509, issuer, options),
    subordinate: () => subordinate(x509, issuer),
  };
}

async function subordinate(x509: typeof X509, issuer: Issuer): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: nameOf('subordinate authority'),
    issuer: issuer.certificate.subject,
    notBefore: new Date(FROM),
    notAfter: new Date(TO),
    signingAlgorithm: SIGNATURE,
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    extensions: [
      ...(await authorityExtensions(x509, keys.publicKey, 0)),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate),
    ],
  });
  return authorityWith(x509, { certificate, key: keys.privateKey });
}

/** What makes a certificate an authority's, with so many levels of authorities below it. */
async function authorityExtensions(
  x509: typeof X509,
  publicKey: webcrypto.CryptoKey,
  levels: number,
): Promise<X509.Extension[]> {
  return [
    new x509.BasicConstraintsExtension(true, levels, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
  ];
}

function nameOf(what: string): string {
  return `CN=secretctl throw-away ${what} ${hex(webcrypto.getRandomValues(new Uint8Array(4)))}`;
}

interface Issuer {
  readonly certificate: X509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

async function issue(x509: typeof X509, issuer: Issuer, options: IssueOptions): Promise<IssuedCertificate> {
  const keys = await generateKeys();
  const purpose = x509.ExtendedKeyUsage[options.usage === 'client' ? 'clientAuth' : 'serverAuth'];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [options.names[0] ?? ''] }],
    issuer: issuer.certificate.subject,
    notBefore: new Date(options.notBeforeMs ?? FROM),
    notAfter: new Date(options.notAfterMs ?? TO),
    signingAlgorithm: SIGNATURE,
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([purpose]),
      new x509.SubjectAlternativeNameExtension(
        options.names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await privateKeyPem(keys.privateKey) };
}

async function loadX509(): Promise<typeof X509> {
  lendReflection();
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

/**
 * The library's container asks for a metadata polyfill when it loads, though none of its classes carries metadata:
 * "none" is the whole truth here and saves a runtime package.
 */
function lendReflection(): void {
  if ('getMetadata' in Reflect) return;
  Object.assign(Reflect, { getMetadata: none, getOwnMetadata: none, defineMetadata: none });
}

function none(): undefined {
  return undefined;
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}

/** Positive and 16 bytes long (RFC 5280 4.1.2.2). */
function serialNumber(): string {
  return `01${hex(webcrypto.getRandomValues(new Uint8Array(15)))}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
