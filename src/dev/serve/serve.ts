import { join } from 'node:path';

import type { Runtime, SignalName } from '../../lib/runtime.ts';
import { openSignalInbox, signalExit, type SignalInbox } from '../exec/child.ts';
import { type Lead, leadingVariables } from '../exec/environment.ts';
import { shellQuoted } from '../exec/launcher.ts';
import type { Rehearsal } from '../frame/rehearsal.ts';
import { JOB_FILE, openStateDirectory, type StateDirectory, writeSigner } from './state.ts';

/** One `secretctl dev serve`. */
export interface ServeOptions extends Lead {
  /** The directory shared with `dev token`; a new one without it. */
  readonly stateDirectory: string | undefined;
  /** Writes to standard output; rejects when nobody reads it any more. */
  print(text: string): Promise<void>;
  /** Starts the servers. */
  start(): Promise<Rehearsal>;
}

/**
 * Runs issuer and server until a signal, after printing variables for another terminal: the token's, the product's and
 * those that lead to the rehearsal, not the CI's, for a terminal is no job. Returns 128+n of that signal. Throws USAGE
 * for a state directory that another rehearsal uses, and what starting the servers throws.
 */
export async function serve(options: ServeOptions, runtime: Runtime): Promise<number> {
  const signals = openSignalInbox(runtime);
  try {
    const state = await openStateDirectory(options.stateDirectory, runtime);
    try {
      return await serveWith(state, options, signals, runtime);
    } finally {
      state.remove();
    }
  } finally {
    signals.release();
  }
}

async function serveWith(
  state: StateDirectory,
  options: ServeOptions,
  signals: SignalInbox,
  runtime: Runtime,
): Promise<number> {
  const rehearsal = await options.start();
  try {
    writeSigner(state, rehearsal.signer);
    const exports = exportLines(terminalVariables(options, rehearsal, state, runtime));
    state.write(JOB_FILE, exports);
    await options.print(announcement(state, rehearsal) + exports);
    return signalExit(await firstSignal(signals));
  } finally {
    await rehearsal.close();
  }
}

function firstSignal(signals: SignalInbox): Promise<SignalName> {
  return new Promise((resolve) => {
    if (signals.first === undefined) signals.listen(resolve);
    else resolve(signals.first);
  });
}

function terminalVariables(
  lead: Lead,
  rehearsal: Rehearsal,
  state: StateDirectory,
  runtime: Runtime,
): Record<string, string> {
  const cacheDirectory = join(state.privatePath, 'cache');
  runtime.fs.mkdirSync(cacheDirectory, { mode: 0o700 });
  return {
    ...rehearsal.variables(),
    ...leadingVariables(lead, rehearsal, state.privatePath, runtime),
    SECRETCTL_CACHE_DIR: cacheDirectory,
  };
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
