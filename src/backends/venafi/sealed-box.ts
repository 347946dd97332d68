import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { blake2b } from '@noble/hashes/blake2.js';

/**
 * Encrypts to a public key so that only its owner can read it, as NaCl and libsodium do ("sealed box"): X25519 with a
 * key pair that is forgotten at once, XSalsa20-Poly1305, nonce from BLAKE2b over both public keys. Undefined for bytes
 * that are no public key.
 */
export function sealed(message: Uint8Array, publicKey: Uint8Array): Buffer | undefined {
  const own = generateKeyPairSync('x25519');
  const shared = agreed(own.privateKey, publicKey);
  if (shared === undefined) return undefined;
  const ownPublic = Buffer.from(own.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const nonce = blake2b(Buffer.concat([ownPublic, publicKey]), { dkLen: 24 });
  return Buffer.concat([ownPublic, xsalsa20poly1305(boxKey(shared), nonce).encrypt(message)]);
}

/** Node refuses points of small order, with which everybody would know the result. */
function agreed(privateKey: KeyObject, publicKey: Uint8Array): Buffer | undefined {
  try {
    const x = Buffer.from(publicKey).toString('base64url');
    return diffieHellman({
      privateKey,
      publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' }),
    });
  } catch {
    return undefined;
  }
}

/** HSalsa20 of the shared secret, as `crypto_box` has it. */
function boxKey(shared: Buffer): Uint8Array {
  const subkey = new Uint32Array(8);
  hsalsa(wordsOf(Buffer.from('expand 32-byte k', 'latin1')), wordsOf(shared), new Uint32Array(4), subkey);
  const bytes = Buffer.alloc(32);
  for (const [index, word] of subkey.entries()) bytes.writeUInt32LE(word, index * 4);
  return bytes;
}

function wordsOf(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(index * 4));
}
