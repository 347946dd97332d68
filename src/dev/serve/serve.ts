import type { Runtime, SignalName } from '../../lib/runtime.ts';
import { openSignalInbox, signalExit } from '../exec/child.ts';
import { shellQuoted } from '../exec/launcher.ts';
import type { Rehearsal } from '../frame/rehearsal.ts';
import { openStateDirectory, type StateDirectory, writeSigner } from './state.ts';

/** One `secretctl dev serve`. */
export interface ServeOptions {
  /** The directory shared with `dev token`; a new one without it. */
  readonly stateDirectory: string | undefined;
  /** Writes to standard output; rejects when nobody reads it any more. */
  print(text: string): Promise<void>;
  /** Starts the servers. */
  start(): Promise<Rehearsal>;
}

const JOB_FILE = 'job.sh';

/**
 * Runs issuer and server until a signal, after printing variables for another terminal: the token's and the product's,
 * not the CI's, for a terminal is no job. Returns 128+n of
 * that signal.
 */
export async function serve(options: ServeOptions, runtime: Runtime): Promise<number> {
  const signals = openSignalInbox(runtime);
  const state = openStateDirectory(options.stateDirectory, runtime);
  try {
    const rehearsal = await options.start();
    try {
      writeSigner(state, rehearsal.signer);
      const exports = exportLines(rehearsal.variables());
      state.write(JOB_FILE, exports);
      await options.print(announcement(state, rehearsal) + exports);
      return signalExit(await firstSignal(signals));
    } finally {
      await rehearsal.close();
    }
  } finally {
    state.remove();
    signals.release();
  }
}

function firstSignal(signals: ReturnType<typeof openSignalInbox>): Promise<SignalName> {
  return new Promise((resolve) => {
    if (signals.first === undefined) signals.listen(resolve);
    else resolve(signals.first);
  });
}

function announcement(state: StateDirectory, rehearsal: Rehearsal): string {
  const directory = shellQuoted(state.path);
  return [
    `# The rehearsal runs at ${rehearsal.url} until this command is stopped.`,
    `# In another terminal, all of the following at once:  . ${shellQuoted(`${state.path}/${JOB_FILE}`)}`,
    `# A new token:  export ${rehearsal.tokenVariable}="$(secretctl dev token --state ${directory})"`,
    `# It holds:  ${[...rehearsal.paths.keys()].join('  ')}`,
    '',
  ].join('\n');
}

function exportLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${shellQuoted(value)}\n`)
    .join('');
}
