import type { Writable } from 'node:stream';
import type { Runtime } from '../lib/runtime.ts';
import { descriptorOf, openOn } from './descriptors.ts';

/**
 * Writes all bytes and resolves when the system has taken them, however slow the reader is. Rejects with the
 * stream's own error, or with the signal's reason when it aborts first.
 */
export async function writeWhole(stream: Writable, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  // Stays attached: an error event without a listener would end the process with a stack trace.
  stream.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    const abandon = (): void => reject(signal.reason);
    signal.addEventListener('abort', abandon, { once: true });
    stream.write(bytes, (error) => {
      signal.removeEventListener('abort', abandon);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The same for a standard stream of any kind. */
export async function putWhole(
  stream: Writable & { isTTY?: boolean },
  bytes: Uint8Array,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<void> {
  const fd = descriptorOf(stream);
  try {
    signal.throwIfAborted();
    // Node's stream for files and devices may write a part and say nothing; this call goes on until all is written.
    if (fd !== undefined && stream.isTTY !== true && isFileOrDevice(fd, runtime)) runtime.fs.writeFileSync(fd, bytes);
    else await writeWhole(stream, bytes, signal);
  } catch (error) {
    if (signal.aborted) runtime.processes.abandon();
    throw error;
  }
}

function isFileOrDevice(fd: number, runtime: Runtime): boolean {
  const stats = openOn(fd, runtime);
  return stats !== undefined && (stats.isFile() || stats.isCharacterDevice());
}
