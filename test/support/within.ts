import { setTimeout as wait } from 'node:timers/promises';

/**
 * The result of `work`, which must come before a timer of so many milliseconds that starts now. No clock is read: on
 * a busy machine this timer and those of `work` are late together.
 */
export async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  const done = new AbortController();
  const late = wait(milliseconds, undefined, { signal: done.signal }).then(
    () => Promise.reject(new Error(`not done within ${milliseconds} ms`)),
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
