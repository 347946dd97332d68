import { createPublicKey } from 'node:crypto';
import { SecretctlError } from '../../lib/errors.ts';
import { readPlainFile } from '../../lib/plain-file.ts';
import type { FileSystem } from '../../lib/runtime.ts';
import { visible } from '../../lib/text.ts';

/** A public key as the appliance takes it. */
export interface PublicKeyText {
  /** SPKI in PEM. */
  readonly pem: string;
}

const MOST_BYTES = 64 * 1024;

/** The public key in that file. Throws CONFIG_INVALID (78) for a file that cannot be read, holds none, or holds a private one. */
export function readPublicKey(file: string, fs: FileSystem): PublicKeyText {
  const read = readPlainFile(file, { mostBytes: MOST_BYTES }, fs);
  if ('phrase' in read) throw unusable(file, read.phrase);
  const text = read.bytes.toString('latin1');
  if (/PRIVATE KEY/.test(text)) throw unusable(file, 'holds a private key: only the public one leaves this machine');
  try {
    return { pem: createPublicKey(text).export({ type: 'spki', format: 'pem' }).toString() };
  } catch {
    throw unusable(file, 'holds no public key in PEM');
  }
}

function unusable(file: string, what: string): SecretctlError {
  return new SecretctlError('CONFIG_INVALID', `key-file ${visible(file)} ${what}`);
}
