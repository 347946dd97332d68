import path from 'node:path';
import { SecretctlError, unlessSystem } from '../lib/errors.ts';
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

/** Throws USAGE where the file that is to be written is the template: it would be lost, and hold secrets in its place. */
export function refuseTemplateAsTarget(template: string, target: string | undefined, { fs, host }: Runtime): void {
  const [one, other] = [template, target ?? ''].map((file) =>
    unlessSystem(() => fs.statSync(path.resolve(host.cwd, file))),
  );
  if (target === undefined || one?.ino !== other?.ino || one?.dev !== other?.dev) return;
  throw new SecretctlError('USAGE', `${quoted(target)} is the template itself, and is not written to`, {
    hint: 'name another file for the filled one: -o FILE',
  });
}

function failure(file: string, phrase: string): SecretctlError {
  return new SecretctlError('TEMPLATE_FILE', `the template ${quoted(file)} ${phrase}`);
}
