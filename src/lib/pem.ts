import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

import { closeQuietly } from './close.ts';
import { type Reason, SecretctlError, systemCode } from './errors.ts';
import type { FileSystem, Runtime } from './runtime.ts';
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
type Stat = ReturnType<FileSystem['fstatSync']>;

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
    const origin = `file ${visible(tls.caFile)}`;
    return { pem: certificatesIn(readBounded(tls.caFile, 'CA_FILE', runtime).bytes, 'CA_FILE', origin), origin };
  }
  if (tls.ca === undefined) return undefined;
  const origin = 'the CA given as text';
  return { pem: certificatesIn(Buffer.from(tls.ca), 'CA_FILE', origin), origin };
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
  const origin = `file ${visible(clientCertFile)}`;
  const certificate = certificatesIn(readBounded(clientCertFile, 'CLIENT_KEY', runtime).bytes, 'CLIENT_KEY', origin);
  const leaf = new X509Certificate(certificate);
  refuseUntimely(leaf, origin, runtime.now());
  const { bytes, stat } = readBounded(clientKeyFile, 'CLIENT_KEY', runtime);
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

function refuseSharedKey(stat: Stat, path: string, { host }: World): void {
  if (host.platform === 'win32') return;
  const mode = Number(stat.mode) & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new SecretctlError('CLIENT_KEY', `the key in ${quoted(path)} can be read by others (mode ${octal(mode)})`, {
      hint: 'chmod 600 it',
    });
  }
  if (Number(stat.uid) !== host.uid) {
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

function readBounded(path: string, reason: Reason, { fs }: World): { bytes: Buffer; stat: Stat } {
  const refuse = (phrase: string): SecretctlError => new SecretctlError(reason, `file ${visible(path)} ${phrase}`);
  try {
    // Without O_NONBLOCK, opening a FIFO waits for somebody to write into it.
    const descriptor = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    try {
      const stat = fs.fstatSync(descriptor);
      if (!stat.isFile()) throw refuse('is not a regular file');
      if (stat.size > LARGEST_FILE) throw refuse(`is larger than ${LARGEST_FILE} bytes`);
      return { bytes: readAll(descriptor, fs), stat };
    } finally {
      closeQuietly(descriptor, fs);
    }
  } catch (error) {
    if (error instanceof SecretctlError) throw error;
    throw refuse(`cannot be read (${systemCode(error) ?? 'no reason given'})`);
  }
}

/** At most the limit: a file may grow while it is read. */
function readAll(descriptor: number, fs: FileSystem): Buffer {
  const chunks: Buffer[] = [];
  for (let length = 0; length < LARGEST_FILE;) {
    const chunk = Buffer.alloc(64 * 1024);
    const count = fs.readSync(descriptor, chunk, 0, chunk.length, null);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return Buffer.concat(chunks);
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
