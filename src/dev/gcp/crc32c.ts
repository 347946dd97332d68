/** One row for each value of a byte: a table, where the client works bit by bit, so that one can be held against the other. */
const TABLE: readonly number[] = Array.from({ length: 256 }, (_, index) => {
  let row = index;
  for (let bit = 0; bit < 8; bit++) row = (row & 1) === 1 ? (row >>> 1) ^ 0x82f63b78 : row >>> 1;
  return row >>> 0;
});

/** CRC32C (Castagnoli) of these bytes (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  const rest = bytes.reduce((sum, byte) => (TABLE[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8), 0xffffffff);
  return (rest ^ 0xffffffff) >>> 0;
}
