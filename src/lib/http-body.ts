/** What the answers of one client may still weigh together, bytes: they are all held until the values are written. */
export interface Room {
  left: number;
}

/** Most bytes of all answers of one client: one of the largest that may be asked for, and what comes around it. */
export const MOST_TOGETHER = 17 * 1024 * 1024;

/** Gathers a body of at most so many bytes. */
export interface Gathering {
  /** Tells the length that the headers announce. */
  announce(length: number | undefined): void;
  /** Undefined when it fits; else which limit it breaks: its own or that of all answers together. */
  add(chunk: Buffer): 'own' | 'together' | undefined;
  bytes(): Buffer;
  /** Drops what came and gives its room back. */
  drop(): void;
}

const FIRST_BYTES = 16 * 1024;

/**
 * Copies every piece into one buffer: a piece by itself costs hundreds of bytes besides its own and keeps what was
 * read with it, and a server may send a byte at a time.
 */
export function gather(mostBytes: number, room: Room): Gathering {
  let buffer = Buffer.alloc(0);
  let length = 0;
  let expected: number | undefined;
  const grow = (needed: number): void => {
    const wanted = expected === undefined || expected < needed ? Math.max(FIRST_BYTES, 2 * needed) : expected;
    const bigger = Buffer.allocUnsafeSlow(Math.min(wanted, mostBytes));
    buffer.copy(bigger, 0, 0, length);
    buffer = bigger;
  };
  return {
    announce: (announced) => (expected = announced),
    add(chunk) {
      if (length + chunk.length > mostBytes) return 'own';
      if (chunk.length > room.left) return 'together';
      if (length + chunk.length > buffer.length) grow(length + chunk.length);
      chunk.copy(buffer, length);
      length += chunk.length;
      room.left -= chunk.length;
      return undefined;
    },
    bytes: () => buffer.subarray(0, length),
    drop() {
      room.left += length;
      length = 0;
      buffer = Buffer.alloc(0);
    },
  };
}
