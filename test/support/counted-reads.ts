import fs from 'node:fs';
import type { FileSystem } from '../../src/lib/runtime.ts';

/** The real file system, and how many bytes were read through it. */
export function countedReads(): { readonly fs: FileSystem; readonly bytes: () => number } {
  let bytes = 0;
  const readSync = ((...given: Parameters<typeof fs.readSync>) => {
    const count = fs.readSync(...given);
    bytes += count;
    return count;
  }) as typeof fs.readSync;
  return { fs: { ...fs, readSync }, bytes: () => bytes };
}
