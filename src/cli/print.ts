import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';

/** Writes text for a person to stdout and waits until it is out. Throws STDOUT_CLOSED (74). */
export async function print(text: string, { stdout }: Runtime): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (): void =>
      reject(new SecretctlError('STDOUT_CLOSED', 'standard output was closed before everything was written'));
    stdout.once('error', failed);
    stdout.write(text, (error) => {
      if (error !== undefined && error !== null) return failed();
      stdout.off('error', failed);
      return resolve();
    });
  });
}
