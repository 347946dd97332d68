import { systemCode, unlessSystem } from '../lib/errors.ts';
import type { PipeSource, Runtime, SignalName } from '../lib/runtime.ts';
import { streams } from '../output/index.ts';

/** Our standard input, of which nothing is read before it is taken: what is written to it waits in the pipe. */
export interface Input {
  /** It is a pipe: another process writes it, which would be ended by SIGPIPE if we just went. */
  readonly hasWriter: boolean;
  readonly isTaken: boolean;
  /** To be called once. */
  take(): Promise<PipeSource>;
  /** The system's code for why it could not be read to its end. */
  readonly failure: string | undefined;
  /** The first signal that asked us to end. */
  readonly signal: SignalName | undefined;
  /** Called when signals demand an end before that of the input. */
  onDemand(listener: () => void): void;
  /** Signals have their usual meaning again. */
  release(): void;
}

const STDIN = 0;

/** Those that ask us to end. */
const ENDING: readonly SignalName[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'];

/**
 * Looks at standard input, and listens to the signals that ask us to end. Whoever writes was mostly sent the same one, and
 * still has last words, so as long as there is a writer only a second one of the same name demands an end.
 */
export function openInput(runtime: Runtime): Input {
  const stats = unlessSystem(() => runtime.fs.fstatSync(STDIN));
  const hasWriter = stats?.isFIFO() === true || stats?.isSocket() === true;
  const demand = listenFor(hasWriter, runtime);
  let isTaken = false;
  let failure = stats?.isDirectory() === true ? 'EISDIR' : undefined;
  return {
    hasWriter,
    get isTaken() {
      return isTaken;
    },
    async take() {
      isTaken = true;
      if (hasWriter) return runtime.processes.readPipe(STDIN);
      runtime.stdin.once('error', (error) => (failure = systemCode(error) ?? 'EIO'));
      return (await streams()).streamSource(runtime.stdin);
    },
    get failure() {
      return failure;
    },
    get signal() {
      return demand.signal;
    },
    onDemand: (listener) => demand.listen(listener),
    release: () => demand.release(),
  };
}

/**
 * Reads an input to its end and throws it away, so that whoever writes it can finish. Returns at once where nobody does,
 * and where it was taken already.
 */
export async function discardInput(input: Input): Promise<void> {
  if (!input.hasWriter || input.isTaken) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  input.onDemand(resolve);
  const source = await input.take();
  source.read(() => true, resolve);
  await promise;
  source.destroy();
}

interface Demand {
  readonly signal: SignalName | undefined;
  listen(listener: () => void): void;
  release(): void;
}

function listenFor(hasWriter: boolean, runtime: Runtime): Demand {
  const seen = new Set<SignalName>();
  let first: SignalName | undefined;
  let isDemanded = false;
  let demanded: (() => void) | undefined;
  const release = runtime.onSignal(ENDING, (signal) => {
    first ??= signal;
    isDemanded ||= !hasWriter || seen.has(signal);
    seen.add(signal);
    if (isDemanded) demanded?.();
  });
  return {
    get signal() {
      return first;
    },
    listen(listener) {
      demanded = listener;
      if (isDemanded) listener();
    },
    release,
  };
}
