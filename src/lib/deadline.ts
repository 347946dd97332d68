import { SecretctlError } from './errors.ts';
import { duration } from './text.ts';
import type { Runtime } from './runtime.ts';

/** One time budget for the whole command, retries and waits included (P12). */
export interface Deadline {
  /** Aborts when the budget is used up or a signal ended the run; its reason is the SecretctlError to report. */
  readonly signal: AbortSignal;
  /** The whole budget, in milliseconds. */
  readonly budgetMs: number;
  remainingMs(): number;
  /** Ends the run early, with this reason. */
  abort(reason: SecretctlError): void;
  /** Stops the clock: nothing is aborted any more and the process may end. */
  settle(): void;
}

/** Starts a budget of `budgetMs` milliseconds now. */
export function startDeadline(runtime: Pick<Runtime, 'monotonic' | 'sleep'>, budgetMs: number): Deadline {
  const startedAt = runtime.monotonic();
  const work = new AbortController();
  const clock = new AbortController();
  void runtime.sleep(budgetMs, clock.signal).then(
    () =>
      work.abort(
        new SecretctlError(
          'TIMEOUT',
          `the time budget of ${budgetMs < 1000 ? `${budgetMs} ms` : duration(budgetMs)} is used up`,
          {
            hint: 'raise --timeout if the server is known to be slow',
          },
        ),
      ),
    () => undefined,
  );
  return {
    signal: work.signal,
    budgetMs,
    remainingMs: () => Math.max(0, budgetMs - (runtime.monotonic() - startedAt)),
    abort(reason) {
      if (!clock.signal.aborted) work.abort(reason);
    },
    settle: () => clock.abort(),
  };
}
