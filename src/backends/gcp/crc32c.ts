/** The reversed Castagnoli polynomial. */
const POLYNOMIAL = 0x82f63b78;

/** CRC32C (Castagnoli) of these bytes, as an unsigned number (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? POLYNOMIAL : 0);
  }
  return ~crc >>> 0;
}
