import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { zipSync } from 'fflate';
import type { VenafiOptions } from './options.ts';
import type { Content } from './store.ts';

/** The one place where this tenant's keys are kept: it alone can open what is sealed for it. */
export interface EdgeInstance {
  /** What clients ask for its public key with; has what a path has to escape. */
  readonly dekHash: string;
  /** 32 bytes. */
  readonly publicKey: Buffer;
  /** What a sealed box holds; undefined for one that is not for this instance. */
  open(box: Buffer): Buffer | undefined;
}

/** A new one. */
export function openEdgeInstance(): EdgeInstance {
  const pair = generateKeyPairSync('x25519');
  const publicKey = rawPublic(pair.publicKey);
  return {
    dekHash: 'rehearsal/dek+hash==',
    publicKey,
    open(box) {
      try {
        return opened(box, pair.privateKey, publicKey);
      } catch {
        return undefined;
      }
    },
  };
}

/** The archive of a key, encrypted, and its certificates, with what the option makes wrong about it. */
export function archiveOf(
  { key, certificates }: Content,
  passphrase: Buffer,
  archive: VenafiOptions['archive'],
): Buffer {
  const exported = archive === 'other-key' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : key;
  const encrypted = exported.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: archive === 'other-passphrase' ? 'not the one that was sealed' : passphrase,
  });
  const rootFirst = certificates.map((one) => one.toString()).toReversed();
  const files: Record<string, Uint8Array> = {
    'www.example.com_root-first.pem': Buffer.from(
      (archive === 'other-certificate' ? rootFirst.slice(0, -1) : rootFirst).join('\n'),
    ),
    'www.example.com_root-last.pem': Buffer.from(rootFirst.toReversed().join('\n')),
  };
  if (archive !== 'no-key') files['www.example.com.key'] = Buffer.from(encrypted);
  if (archive === 'bomb') files['more.key'] = Buffer.alloc(64 * 1024 * 1024);
  return Buffer.from(zipSync(files));
}

/** `crypto_box_seal_open` of NaCl, written from the owner's side. */
function opened(box: Buffer, privateKey: KeyObject, publicKey: Buffer): Buffer {
  const theirs = box.subarray(0, 32);
  const their = createPublicKey({
    key: { kty: 'OKP', crv: 'X25519', x: theirs.toString('base64url') },
    format: 'jwk',
  });
  const shared = diffieHellman({ privateKey, publicKey: their });
  const subkey = new Uint32Array(8);
  hsalsa(words(Buffer.from('expand 32-byte k')), words(shared), new Uint32Array(4), subkey);
  const key = Buffer.alloc(32);
  for (const [index, word] of subkey.entries()) key.writeUInt32LE(word, index * 4);
  const nonce = blake2b(Buffer.concat([theirs, publicKey]), { dkLen: 24 });
  return Buffer.from(xsalsa20poly1305(key, nonce).decrypt(box.subarray(32)));
}

function words(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(index * 4));
}

function rawPublic(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
}
