import type { Runtime, SignalName } from '../../lib/runtime.ts';
import { isSharedWith, isStopped } from './terminal.ts';

/** What is handed on to the child. CHLD, PIPE, URG, ALRM and the like are about ourselves. */
const FORWARDED: readonly SignalName[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'];

/** Those that ask for an end. */
export const ENDING: readonly SignalName[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** A TERM that comes so long after another one means that the child does not listen. */
const PATIENCE_MS = 10_000;

/** The child that signals are for. */
export interface SignalTarget {
  readonly pid: number;
  /** It leads a group of its own, and all of that is meant; otherwise it shares ours, and a terminal. */
  readonly leadsGroup: boolean;
  /** So long after the first signal that asks it to end, it is killed; never without it. */
  readonly killAfterMs: number | undefined;
}

/** Hands signals on until `release`, each once, and after that to nobody: they are ignored. */
export interface Forwarding {
  /** The child has ended: nothing is sent any more, for its number may soon be another's. */
  childEnded(): void;
  /** Tells it to end, unless it has. */
  abandon(): void;
  release(): void;
}

/** Hands on every signal that reaches us from now on. */
export function forwardSignals(target: SignalTarget, runtime: Runtime): Forwarding {
  const { processes } = runtime;
  const clock = new AbortController();
  let hasEnded = false;
  let termAtMs: number | undefined;
  let isKillPlanned = false;

  const send = (signal: NodeJS.Signals): void => {
    if (!hasEnded) processes.send(target.leadsGroup ? -target.pid : target.pid, signal);
  };
  const planKill = (): void => {
    if (target.killAfterMs === undefined || isKillPlanned) return;
    isKillPlanned = true;
    runtime.sleep(target.killAfterMs, clock.signal).then(
      () => send('SIGKILL'),
      () => undefined,
    );
  };
  const isSecondTerm = (): boolean => {
    const before = termAtMs;
    termAtMs ??= runtime.monotonic();
    return before !== undefined && runtime.monotonic() - before >= PATIENCE_MS;
  };
  const handle = (signal: SignalName): void => {
    if (ENDING.includes(signal)) planKill();
    if (signal === 'SIGTERM' && isSecondTerm()) send('SIGKILL');
    else if (target.leadsGroup || !hasAlready(signal, target.pid, runtime)) send(signal);
  };
  const release = runtime.onSignal(FORWARDED, handle);
  return {
    childEnded() {
      hasEnded = true;
      clock.abort();
    },
    abandon: () => send('SIGTERM'),
    release,
  };
}

/** Whether a terminal, or a shell's `fg`, has sent this to the whole group, and so to the child as well. */
function hasAlready(signal: SignalName, pid: number, runtime: Runtime): boolean {
  if (signal === 'SIGINT' || signal === 'SIGQUIT') return isSharedWith(pid, runtime);
  return signal === 'SIGCONT' && isStopped(pid, runtime) === false;
}
