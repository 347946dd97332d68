import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sealed } from '../../../../src/backends/venafi/sealed-box.ts';
import { openEdgeInstance } from '../../../../src/dev/venafi/keystore.ts';

// Its functions are members of the default export, once it is ready.
const { default: sodium } = await import('libsodium-wrappers');
await sodium.ready;

describe.each([0, 1, 31, 32, 33, 1000])('%d bytes', (length) => {
  const message = randomBytes(length);

  test('what is sealed here, libsodium opens', () => {
    const { publicKey, privateKey } = sodium.crypto_box_keypair();
    const box = sealed(message, publicKey) ?? new Uint8Array();
    expect(box).toHaveLength(length + sodium.crypto_box_SEALBYTES);
    expect(Buffer.from(sodium.crypto_box_seal_open(box, publicKey, privateKey))).toEqual(message);
  });

  test('what libsodium seals, the rehearsal opens', () => {
    const edge = openEdgeInstance();
    expect(edge.open(Buffer.from(sodium.crypto_box_seal(message, edge.publicKey)))).toEqual(message);
  });
});

test('two boxes of one message have nothing in common, and a changed one does not open', () => {
  const edge = openEdgeInstance();
  const [one, other] = [
    sealed(Buffer.from('the same'), edge.publicKey),
    sealed(Buffer.from('the same'), edge.publicKey),
  ];
  expect(one?.equals(other ?? Buffer.alloc(0))).toBe(false);
  for (let at = 0; at < (one?.length ?? 0); at++) {
    const changed = Buffer.from(one ?? '');
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(edge.open(changed)).toBeUndefined();
  }
  expect(openEdgeInstance().open(one ?? Buffer.alloc(0))).toBeUndefined();
});

test.each([
  ['no key', Buffer.alloc(0)],
  ['31 bytes', Buffer.alloc(31, 9)],
  ['33 bytes', Buffer.alloc(33, 9)],
  ['the point zero', Buffer.alloc(32)],
  ['a point of small order', Buffer.from('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', 'hex')],
])('nothing is sealed with %s', (_, publicKey) => {
  expect(sealed(Buffer.from('x'), publicKey)).toBeUndefined();
});
