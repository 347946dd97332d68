import type { NeedleSet } from './needle-set.ts';

/** Bytes of one probe. */
const GRAM = 4;
/** A window is looked for in the first bytes of a needle. */
const CHOICE = 512;
/** Forms of one value that share text are to have the same window: this many needles may have four bytes without being dearer for it. */
const FORMS = 32;
const MIX = 0x9e3779b1 | 0;

/**
 * For each needle the window whose runs of four bytes are the rarest: what many needles share (the scheme of a URL, the
 * prefix of a kind of token) and what any log is full of costs a comparison each time.
 */
export function chooseWindows(
  set: NeedleSet,
  indexes: readonly number[],
  { stride, length }: { readonly stride: number; readonly length: number },
): Uint32Array {
  const seen = new Uint16Array(1 << 16);
  for (const index of indexes) {
    const end = set.at(index) + Math.min(set.lengthOf(index), CHOICE) - GRAM;
    for (let at = set.at(index); at <= end; at++) {
      const hash = Math.imul(set.pool.readInt32LE(at), MIX) >>> 16;
      if ((seen[hash] ?? 0) < 0xffff) seen[hash] = (seen[hash] ?? 0) + 1;
    }
  }
  const windows = new Uint32Array(indexes.length);
  for (const [position, index] of indexes.entries()) {
    const start = set.at(index);
    const last = Math.min(set.lengthOf(index), CHOICE) - length;
    let cost = 0;
    let least = Infinity;
    for (let at = 0; at < last + stride; at++) {
      cost += costAt(set.pool, start + at, seen);
      if (at >= stride) cost -= costAt(set.pool, start + at - stride, seen);
      const window = at - stride + 1;
      if (window < 0 || cost >= least) continue;
      least = cost;
      windows[position] = window;
    }
  }
  return windows;
}

/** The more needles have these four bytes, and the more of them are what words and numbers are made of, the dearer. */
function costAt(pool: Buffer, at: number, seen: Uint16Array): number {
  let common = 0;
  for (let turn = 0; turn < GRAM; turn++) common += COMMON[pool[at + turn] ?? 0] ?? 0;
  return 8 * Math.max(0, (seen[Math.imul(pool.readInt32LE(at), MIX) >>> 16] ?? 0) - FORMS) + common * common;
}

/** How common a byte is in logs. */
const COMMON = new Uint8Array(256).map((_, byte) => {
  const character = String.fromCharCode(byte);
  if (' etaoinsr-=./:0'.includes(character)) return 3;
  return /[a-z0-9_,"]/.test(character) ? 2 : Number(/[A-Z]/.test(character));
});
