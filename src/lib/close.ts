import { unlessSystem } from './errors.ts';
import type { FileSystem } from './runtime.ts';

/** Closes a descriptor that nothing was written through: nothing can be lost, so its failure is nobody's error. */
export function closeQuietly(descriptor: number, fs: Pick<FileSystem, 'closeSync'>): void {
  unlessSystem(() => fs.closeSync(descriptor));
}
