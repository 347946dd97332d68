import { closeQuietly } from '../lib/close.ts';
import { systemCode, SecretctlError } from '../lib/errors.ts';
import { LONGEST_TOKEN, readToken } from '../lib/jwt.ts';
import type { FileStat, FileSystem } from '../lib/runtime.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { visible } from '../lib/text.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import type { TokenSource } from './types.ts';

/** A file that was named: a projected Kubernetes token, a Jenkins file credential, a test token. */
export const fileSource: TokenSource = {
  name: 'file',
  async read(token, { runtime }) {
    if (token.file === undefined) return { here: false, reason: 'none is named (--token-file)' };
    return readTokenFile(token.file, `file ${visible(token.file)}`, runtime.fs);
  },
};

/**
 * The token in a regular file, whatever its mode; symbolic links are followed, because Kubernetes projects its token
 * through one. `origin` stands for the path in messages. Throws TOKEN_FILE (66) and what `readToken` throws.
 */
export function readTokenFile(path: string, origin: string, fs: FileSystem): SubjectToken {
  return readToken(new Sensitive(readStart(path, origin, fs)), origin);
}

/** Room for one byte too many, and for the line end that does not count. */
const READ_AT_MOST = LONGEST_TOKEN + 3;

function readStart(path: string, origin: string, fs: FileSystem): Buffer {
  try {
    // Without O_NONBLOCK, opening a FIFO waits for somebody to write into it.
    const descriptor = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    try {
      refuseSpecial(fs.fstatSync(descriptor), origin);
      return readBytes(descriptor, fs);
    } finally {
      closeQuietly(descriptor, fs);
    }
  } catch (error) {
    if (error instanceof SecretctlError) throw error;
    throw new SecretctlError('TOKEN_FILE', `no ID token can be read from ${origin}: ${phrase(systemCode(error))}`);
  }
}

function refuseSpecial(stat: FileStat, origin: string): void {
  if (stat.isFile()) return;
  const kind = stat.isDirectory() ? 'a directory' : stat.isFIFO() ? 'a FIFO' : 'a device or socket';
  throw new SecretctlError('TOKEN_FILE', `no ID token can be read from ${origin}: it is ${kind}, not a regular file`);
}

function readBytes(descriptor: number, fs: FileSystem): Buffer {
  const buffer = Buffer.alloc(READ_AT_MOST);
  let length = 0;
  for (;;) {
    const count = fs.readSync(descriptor, buffer, length, READ_AT_MOST - length, null);
    length += count;
    if (count === 0 || length === READ_AT_MOST) return buffer.subarray(0, length);
  }
}

const PHRASES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is not a directory',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ELOOP: 'its symbolic links go round in a circle',
  ENXIO: 'it is a socket or a device',
};

function phrase(code: string | undefined): string {
  return (code === undefined ? undefined : PHRASES[code]) ?? `reading failed (${code ?? 'no reason given'})`;
}
