import { systemCode, unlessSystem } from '../lib/errors.ts';
import type { PipeSource, Runtime, SignalName } from '../lib/runtime.ts';
import { streamSource } from '../output/index.ts';

/** Our standard input, of which nothing is read before it is taken: what is written to it waits in the pipe. */
export interface Input {
  /** It is a pipe: another process writes it, which would be ended by SIGPIPE if we just went. */
  readonly hasWriter: boolean;
  readonly isTaken: boolean;
  /** To be called once. */
  take(): PipeSource;
  /** The system's code for why it could not be read to its end. */
  readonly failure: string | undefined;
}

const STDIN = 0;

/** Looks at standard input. */
export function openInput(runtime: Runtime): Input {
  const stats = unlessSystem(() => runtime.fs.fstatSync(STDIN));
  const hasWriter = stats?.isFIFO() === true || stats?.isSocket() === true;
  let isTaken = false;
  let failure = stats?.isDirectory() === true ? 'EISDIR' : undefined;
  return {
    hasWriter,
    get isTaken() {
      return isTaken;
    },
    take() {
      isTaken = true;
      if (hasWriter) return runtime.processes.readPipe(STDIN);
      runtime.stdin.once('error', (error) => (failure = systemCode(error) ?? 'EIO'));
      return streamSource(runtime.stdin);
    },
    get failure() {
      return failure;
    },
  };
}

/** Those that ask us to end. */
const ENDING: readonly SignalName[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'];

/** Signals that are listened to until `release`. */
export interface Attention {
  /** The first one. */
  readonly signal: SignalName | undefined;
  release(): void;
}

/**
 * Listens to the signals that ask us to end. Whoever writes our input was mostly sent the same one, and still has last
 * words, so the first one ends nothing as long as there is a writer; a second one of the same name calls `end`.
 */
export function heedSignals({ hasWriter }: Pick<Input, 'hasWriter'>, end: () => void, runtime: Runtime): Attention {
  const seen = new Set<SignalName>();
  let first: SignalName | undefined;
  const release = runtime.onSignal(ENDING, (signal) => {
    first ??= signal;
    if (!hasWriter || seen.has(signal)) end();
    seen.add(signal);
  });
  return {
    get signal() {
      return first;
    },
    release,
  };
}

/**
 * Reads an input to its end and throws it away, so that whoever writes it can finish. Returns at once where nobody does,
 * and where it was taken already. A signal ends it as it ends `mask`.
 */
export async function discardInput(input: Input, runtime: Runtime): Promise<void> {
  if (!input.hasWriter || input.isTaken) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const attention = heedSignals(input, resolve, runtime);
  const source = input.take();
  source.read(() => true, resolve);
  await promise;
  source.destroy();
  attention.release();
}
