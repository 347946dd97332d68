import path from 'node:path';
import { SecretctlError } from '../lib/errors.ts';
import { readPlainFile } from '../lib/plain-file.ts';
import type { Runtime } from '../lib/runtime.ts';
import { quoted } from '../lib/text.ts';

/** Most bytes of a template. */
const MOST_BYTES = 1024 * 1024;

/**
 * The text of a template, byte for byte: a regular file of at most 1 MiB, UTF-8. Throws TEMPLATE_FILE (66) for anything
 * else.
 */
export function readTemplateFile(file: string, { fs, host }: Runtime): string {
  const read = readPlainFile(path.resolve(host.cwd, file), { mostBytes: MOST_BYTES }, fs);
  if ('phrase' in read) throw failure(file, read.phrase);
  if (read.bytes.length > MOST_BYTES) throw failure(file, `is larger than ${MOST_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(read.bytes);
  } catch {
    throw failure(file, 'is not UTF-8');
  }
}

function failure(file: string, phrase: string): SecretctlError {
  return new SecretctlError('TEMPLATE_FILE', `the template ${quoted(file)} ${phrase}`);
}
