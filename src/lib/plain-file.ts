import { closeQuietly } from './close.ts';
import { systemCode } from './errors.ts';
import type { FileStat, FileSystem } from './runtime.ts';

/** The bytes of a regular file and what the system said of it when it was opened. */
export interface PlainFile {
  /** At most one byte more than was allowed; that one says that there is more. */
  readonly bytes: Buffer;
  readonly stat: FileStat;
}

/** Why a file was not read. */
export interface NotRead {
  /** The system's word for it; undefined for what is no regular file. */
  readonly code: string | undefined;
  /** Completes "the file …". */
  readonly phrase: string;
}

/** How a file is read. */
export interface Reading {
  readonly mostBytes: number;
  /** A symbolic link in the last place is refused rather than followed. */
  readonly followsNoLink?: boolean;
}

/**
 * Reads a regular file and nothing else: waits for no FIFO, and reads no device. What was opened is what is looked at,
 * and the limit holds for what is read, because a file may be replaced and may grow meanwhile.
 */
export function readPlainFile(
  path: string,
  { mostBytes, followsNoLink = false }: Reading,
  fs: FileSystem,
): PlainFile | NotRead {
  // Without O_NONBLOCK, opening a FIFO waits for somebody to write into it. Windows has neither flag, and `|` takes
  // what is undefined for 0.
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(path, O_RDONLY | O_NONBLOCK | (followsNoLink ? O_NOFOLLOW : 0));
    const stat = fs.fstatSync(descriptor);
    if (!stat.isFile()) return { code: undefined, phrase: `is ${kindOf(stat)}, not a regular file` };
    return { bytes: readStart(descriptor, mostBytes + 1, fs), stat };
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return { code, phrase: PHRASES[code] ?? `cannot be read (${code})` };
  } finally {
    if (descriptor !== undefined) closeQuietly(descriptor, fs);
  }
}

const PHRASES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: a part of its path is not a directory',
  EACCES: 'may not be read by this user (EACCES)',
  EPERM: 'may not be read by this user (EPERM)',
  ELOOP: 'cannot be found: its symbolic links go round in a circle',
  ENXIO: 'is a socket or a device, not a regular file',
};

function kindOf(stat: FileStat): string {
  if (stat.isDirectory()) return 'a directory';
  return stat.isFIFO() ? 'a FIFO' : 'a device or a socket';
}

const CHUNK_BYTES = 64 * 1024;

function readStart(descriptor: number, mostBytes: number, fs: FileSystem): Buffer {
  const chunks: Buffer[] = [];
  for (let left = mostBytes; left > 0;) {
    const chunk = Buffer.alloc(Math.min(left, CHUNK_BYTES));
    const count = fs.readSync(descriptor, chunk, 0, chunk.length, null);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    left -= count;
  }
  return Buffer.concat(chunks);
}
