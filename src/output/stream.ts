import type { Writable } from 'node:stream';

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
