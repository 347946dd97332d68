import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import { type Reason, SecretctlError } from './errors.ts';
import { type PlainFile, readPlainFile } from './plain-file.ts';
import type { FileStat, Runtime } from './runtime.ts';
import { Sensitive } from './sensitive.ts';
import { quoted, visible } from './text.ts';

/** Certificates that replace the default roots, and where they came from, for messages. */
export interface CertificateAuthority {
  /** The certificates alone, whatever else stood around them. */
  readonly pem: string;
  readonly origin: string;
}

/** A certificate chain and its key, for mutual TLS. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: Sensitive;
}

type World = Pick<Runtime, 'fs' | 'host' | 'now'>;

/** Every public authority there is fits into a quarter of this, bytes. */
const LARGEST_FILE = 4 * 1024 * 1024;

const BLOCK = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^-]*-----END \1-----/g;

/**
 * The certificates to trust in place of the default roots: those of the file, else those of the PEM text, else
 * undefined. Throws CA_FILE (78) for what cannot be read or holds no certificate (security.md, row 45).
 */
export function certificateAuthority(
  tls: { readonly caFile?: string | undefined; readonly ca?: string | undefined },
  runtime: World,
): CertificateAuthority | undefined {
  if (tls.caFile !== undefined) {
    const origin = `CA file ${visible(tls.caFile)}`;
    return {
      pem: certificatesIn(readBounded(tls.caFile, { reason: 'CA_FILE', origin }, runtime).bytes, 'CA_FILE', origin),
      origin,
    };
  }
  if (tls.ca === undefined) return undefined;
  const origin = 'the CA given as text';
  return { pem: certificatesIn(Buffer.from(tls.ca), 'CA_FILE', origin), origin };
}

/** The same certificates and the usual roots, Node's and the system's: for a server that is not the one they were configured for. */
export function besidesUsualRoots({ pem, origin }: CertificateAuthority): CertificateAuthority {
  const roots = [...getCACertificates('default'), ...getCACertificates('system')];
  return { pem: [...roots, pem].join('\n'), origin };
}

/**
 * The client's certificate and key for mutual TLS; undefined when neither is configured. Throws CLIENT_KEY (78) for a
 * key that others may read, that is encrypted or that is not the certificate's, for a certificate that is not valid
 * now, and for one without the other (security.md, row 46).
 */
export function clientCertificate(
  tls: { readonly clientCertFile?: string | undefined; readonly clientKeyFile?: string | undefined },
  runtime: World,
): ClientCertificate | undefined {
  const { clientCertFile, clientKeyFile } = tls;
  if (clientCertFile === undefined && clientKeyFile === undefined) return undefined;
  if (clientCertFile === undefined || clientKeyFile === undefined) {
    const missing = clientKeyFile === undefined ? 'key' : 'certificate';
    throw new SecretctlError(
      'CLIENT_KEY',
      `mutual TLS needs a client certificate and its key; the ${missing} is missing`,
    );
  }
  const reason = 'CLIENT_KEY';
  const origin = `client certificate file ${visible(clientCertFile)}`;
  const certificate = certificatesIn(readBounded(clientCertFile, { reason, origin }, runtime).bytes, reason, origin);
  const leaf = new X509Certificate(certificate);
  refuseUntimely(leaf, origin, runtime.now());
  const { bytes, stat } = readBounded(
    clientKeyFile,
    { reason, origin: `client key file ${visible(clientKeyFile)}` },
    runtime,
  );
  refuseSharedKey(stat, clientKeyFile, runtime);
  const key = readKey(bytes, clientKeyFile);
  if (!leaf.checkPrivateKey(key)) {
    throw new SecretctlError(
      'CLIENT_KEY',
      `the key in ${quoted(clientKeyFile)} is not the key of the certificate in ${origin}`,
    );
  }
  return { certificate, key: new Sensitive(bytes) };
}

/** The certificates of a PEM text, each one readable, joined. */
function certificatesIn(bytes: Buffer, reason: Reason, origin: string): string {
  const blocks = bytes.toString('latin1').match(BLOCK) ?? [];
  if (blocks.length === 0) throw new SecretctlError(reason, `${origin} ${insteadOfCertificates(bytes)}`);
  for (const [index, block] of blocks.entries()) {
    try {
      void new X509Certificate(block);
    } catch {
      throw new SecretctlError(reason, `${origin}: certificate ${index + 1} of ${blocks.length} cannot be read`);
    }
  }
  return `${blocks.join('\n')}\n`;
}

function insteadOfCertificates(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  if (text.trim() === '') return 'is empty';
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return 'holds a private key and no certificate';
  // 0x30 begins every DER sequence, and so every certificate and PKCS #12 file.
  if (bytes[0] === 0x30) return 'is in DER form; PEM is wanted ("-----BEGIN CERTIFICATE-----")';
  return 'holds no certificate in PEM form ("-----BEGIN CERTIFICATE-----")';
}

function refuseUntimely(leaf: X509Certificate, origin: string, nowMs: number): void {
  const from = leaf.validFromDate.getTime();
  const to = leaf.validToDate.getTime();
  if (nowMs >= from && nowMs <= to) return;
  const phrase = nowMs > to ? `expired at ${instant(to)}` : `is valid only from ${instant(from)} on`;
  throw new SecretctlError('CLIENT_KEY', `the client certificate in ${origin} ${phrase}`);
}

function refuseSharedKey(stat: FileStat, path: string, { host }: World): void {
  if (host.platform === 'win32') return;
  const mode = stat.mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new SecretctlError('CLIENT_KEY', `the key in ${quoted(path)} can be read by others (mode ${octal(mode)})`, {
      hint: 'chmod 600 it',
    });
  }
  if (stat.uid !== host.uid) {
    throw new SecretctlError(
      'CLIENT_KEY',
      `the key in ${quoted(path)} belongs to another user (${stat.uid}, this one is ${host.uid})`,
    );
  }
}

function readKey(bytes: Buffer, path: string): KeyObject {
  const text = bytes.toString('latin1');
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw new SecretctlError(
      'CLIENT_KEY',
      `the key in ${quoted(path)} is encrypted; there is nobody to ask for its password`,
    );
  }
  try {
    return createPrivateKey({ key: bytes, format: 'pem' });
  } catch {
    const what = text.trim() === '' ? 'is empty' : 'is not a private key in PEM form';
    throw new SecretctlError('CLIENT_KEY', `${quoted(path)} ${what}`);
  }
}

function readBounded(
  path: string,
  { reason, origin }: { readonly reason: Reason; readonly origin: string },
  { fs }: World,
): PlainFile {
  const read = readPlainFile(path, { mostBytes: LARGEST_FILE }, fs);
  if ('phrase' in read) throw new SecretctlError(reason, `${origin} ${read.phrase}`);
  if (read.bytes.length <= LARGEST_FILE) return read;
  throw new SecretctlError(reason, `${origin} is larger than ${LARGEST_FILE} bytes`);
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
