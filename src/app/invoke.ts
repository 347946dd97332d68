import type { GeneralSettings } from '../config/types.ts';
import { startDeadline } from '../lib/deadline.ts';
import { type Reason, SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import { openJournal } from '../lib/journal.ts';
import type { Runtime, SignalName } from '../lib/runtime.ts';
import type { Redact } from '../output/types.ts';
import { openMessages } from './messages.ts';

/** The reason code that goes with each signal that ends a run. */
const ENDINGS: ReadonlyMap<SignalName, Reason> = new Map([
  ['SIGHUP', 'HUNG_UP'],
  ['SIGINT', 'INTERRUPTED'],
  ['SIGQUIT', 'QUIT'],
  ['SIGTERM', 'TERMINATED'],
]);

/**
 * Runs one use case inside its time budget. A HUP, INT, QUIT or TERM aborts whatever request is under way at once
 * and becomes the error of the run (exit 128+n).
 */
export async function invoke<Result>(
  general: Pick<GeneralSettings, 'timeoutMs' | 'quiet' | 'debug'>,
  runtime: Runtime,
  openRedact: () => Promise<Redact>,
  work: (invocation: Invocation) => Promise<Result>,
): Promise<Result> {
  const deadline = startDeadline(runtime, general.timeoutMs);
  const journal = openJournal({ quiet: general.quiet, debug: general.debug, ...openMessages(runtime, openRedact) });
  const release = runtime.onSignal([...ENDINGS.keys()], (signal) => {
    const reason = ENDINGS.get(signal);
    if (reason !== undefined) deadline.abort(new SecretctlError(reason, `stopped by ${signal}; nothing was handed on`));
  });
  try {
    return await work({ runtime, journal, deadline });
  } catch (error) {
    throw deadline.signal.aborted ? whyEnded(error, deadline.signal.reason) : error;
  } finally {
    await journal.settled();
    release();
    deadline.settle();
  }
}

/**
 * What an aborted request throws is the transport's own words; why it was aborted is what the user wants to know,
 * and, where the error knows that as well, what the time was spent on.
 */
function whyEnded(error: unknown, why: unknown): unknown {
  const isSame = error instanceof SecretctlError && why instanceof SecretctlError && error.reason === why.reason;
  return isSame ? error : why;
}
