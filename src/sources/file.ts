import { SecretctlError } from '../lib/errors.ts';
import { jsonIn, textMember } from '../lib/json.ts';
import { LONGEST_TOKEN, readToken } from '../lib/jwt.ts';
import { readPlainFile } from '../lib/plain-file.ts';
import type { FileSystem } from '../lib/runtime.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { quoted, visible } from '../lib/text.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import type { TokenSource } from './types.ts';

/** A file that was named: a projected Kubernetes token, a Jenkins file credential, a test token. */
export const fileSource: TokenSource = {
  name: 'file',
  async find(token, { runtime }) {
    if (token.file === undefined && token.noFile !== undefined) {
      return { here: false, reason: token.noFile, isNear: true };
    }
    if (token.file === undefined) return { here: false, reason: 'not asked for (--token-file)' };
    const origin = `file ${visible(token.file)}`;
    if (token.fileMember === undefined) return readTokenFile(token.file, origin, runtime.fs);
    return readTokenMember(token.file, token.fileMember, runtime.fs);
  },
};

/** The line end that does not count. */
const LINE_END_BYTES = 2;

/**
 * The token in a regular file, whatever its mode; symbolic links are followed, because Kubernetes projects its token
 * through one. `origin` stands for the path in messages. Throws TOKEN_FILE (66) and what `readToken` throws.
 */
export function readTokenFile(path: string, origin: string, fs: FileSystem): SubjectToken {
  const read = readPlainFile(path, { mostBytes: LONGEST_TOKEN + LINE_END_BYTES }, fs);
  if ('phrase' in read) {
    throw new SecretctlError('TOKEN_FILE', `no ID token can be read: ${origin} ${read.phrase}`, {
      hint: 'check the path and who may read it; the file must be there when this step of the job runs',
    });
  }
  // Whoever wrote the file may have written a newer token since: a kubelet does.
  return { ...readToken(new Sensitive(read.bytes), origin), renewal: 'read' };
}

/** Most that stands in such a file besides the token, bytes. */
const AROUND_BYTES = 64 * 1024;

/** The token in a member of a JSON object. Throws TOKEN_FILE (66) and what `readToken` throws. */
function readTokenMember(path: string, name: string, fs: FileSystem): SubjectToken {
  const origin = `member ${quoted(name)} of file ${visible(path)}`;
  const read = readPlainFile(path, { mostBytes: LONGEST_TOKEN + AROUND_BYTES }, fs);
  const text = 'phrase' in read ? undefined : textMember(jsonIn(read.bytes), name);
  if (text !== undefined) return { ...readToken(new Sensitive(text), origin), renewal: 'read' };
  const phrase = 'phrase' in read ? read.phrase : 'is not there, or no text';
  throw new SecretctlError('TOKEN_FILE', `no ID token can be read: ${origin} ${phrase}`, {
    hint: 'check the path and who may read it; the file must be there when this step of the job runs',
  });
}
