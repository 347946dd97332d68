import { expect, test } from 'vitest';
import { crc32c } from '../../../../src/backends/gcp/crc32c.ts';
import { crc32c as byTable } from '../../../../src/dev/gcp/crc32c.ts';

const COUNTING = Buffer.from(Array.from({ length: 32 }, (_, index) => index));

// RFC 3720, appendix B.4, and the check value of the catalogues.
test.each<[string, Uint8Array, number]>([
  ['32 zero bytes', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 bytes counting up', COUNTING, 0x46dd794e],
  ['32 bytes counting down', COUNTING.toReversed(), 0x113fdb5c],
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['nothing', Buffer.alloc(0), 0],
])('%s', (_, bytes, sum) => {
  expect(crc32c(bytes)).toBe(sum);
  expect(byTable(bytes)).toBe(sum);
});
