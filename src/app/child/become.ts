import { SecretctlError } from '../../lib/errors.ts';
import type { Runtime } from '../../lib/runtime.ts';
import { readPlainFile } from '../../lib/plain-file.ts';
import type { Variables } from './environment.ts';
import type { Command } from './find-command.ts';

/** How files begin that the system itself starts: ELF, Mach-O in its forms, and a script that names its interpreter. */
const MAGIC: readonly Buffer[] = ['7f454c46', 'cffaedfe', 'cefaedfe', 'cafebabe', '2321'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

/**
 * Becomes the command, so that nothing stands between it and whoever started us. Returns where that is not possible: an
 * older Node, or a file that only a shell could read. The command must have been found.
 */
export function becomeCommand({ file, argv }: Command, env: Variables, runtime: Runtime): void {
  const { become } = runtime.processes;
  // A Node that is asked to become what cannot be started ends with a stack trace: so it is looked at first.
  if (become === undefined || !isStartable(file, runtime)) return;
  become(file, argv, env);
}

function isStartable(file: string, { fs }: Runtime): boolean {
  const read = readPlainFile(file, { mostBytes: 255 }, fs);
  if (!('bytes' in read) || !MAGIC.some((magic) => read.bytes.subarray(0, magic.length).equals(magic))) return false;
  const interpreter = /^#![ \t]*(?<file>[^ \t\n]+)/.exec(read.bytes.toString('latin1'))?.groups?.['file'];
  return interpreter === undefined || fs.statSync(interpreter, { throwIfNoEntry: false })?.isFile() === true;
}

/** Throws USAGE (64) where `--exec` is told to do what needs somebody to stay. */
export function refuseWithExec(reasons: readonly string[]): void {
  if (reasons.length === 0) return;
  throw new SecretctlError('USAGE', `--exec cannot be had together with ${reasons.join(', ')}`, {
    hint: 'it leaves nobody who could clean up, wait or kill',
  });
}
