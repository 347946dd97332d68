import { join } from 'node:path';

import { SecretctlError, systemCode } from '../../lib/errors.ts';
import type { Runtime } from '../../lib/runtime.ts';
import { quoted } from '../../lib/text.ts';
import type { CiJob } from '../frame/ci-job.ts';
import type { Rehearsal } from '../frame/rehearsal.ts';
import type { RehearsalReport } from '../frame/report.ts';
import { openSignalInbox, runChild, signalExit, type SignalInbox } from './child.ts';
import { type ForeignVariables, jobEnvironment, type Lead, leadingVariables } from './environment.ts';
import { placeLauncher } from './launcher.ts';
import { placeOwnToken } from './own-token.ts';

/** One `secretctl dev exec`. */
export interface ExecOptions extends Lead {
  readonly foreign: ForeignVariables;
  readonly command: readonly string[];
  /** Standard output is taken for a real job's log; without it the made-up values may be printed there. */
  readonly stdoutIsLog: boolean;
  /** Where the report goes. */
  readonly reportFile: string | undefined;
  /** Starts the servers. */
  start(): Promise<Rehearsal>;
}

/**
 * Runs a command as a job of the rehearsed CI: servers up, command, servers down, private directory gone. Returns the
 * command's exit code, 128+n when a signal ended it or the rehearsal. Throws what starting the servers or the
 * command throws, and WRITE_FAILED for the report.
 */
export async function execRehearsed(options: ExecOptions, runtime: Runtime): Promise<number> {
  const signals = openSignalInbox(runtime);
  try {
    const rehearsal = await options.start();
    const exitCode = await runAsJob(options, rehearsal, signals, runtime);
    if (options.reportFile !== undefined) writeReport(options.reportFile, rehearsal.report(), runtime);
    return exitCode;
  } finally {
    signals.release();
  }
}

async function runAsJob(
  options: ExecOptions,
  rehearsal: Rehearsal,
  signals: SignalInbox,
  runtime: Runtime,
): Promise<number> {
  const directory = runtime.fs.mkdtempSync(join(runtime.host.temporaryDirectory, 'secretctl-dev-'));
  try {
    const env = prepareJob(options, rehearsal, directory, runtime);
    if (signals.first !== undefined) return signalExit(signals.first);
    return await runChild({ command: options.command, env, signals }, runtime);
  } finally {
    runtime.fs.rmSync(directory, { recursive: true, force: true });
    await rehearsal.close();
  }
}

function prepareJob(
  options: ExecOptions,
  rehearsal: Rehearsal,
  directory: string,
  runtime: Runtime,
): Record<string, string> {
  const cacheDirectory = join(directory, 'cache');
  runtime.fs.mkdirSync(cacheDirectory, { mode: 0o700 });
  const { [rehearsal.tokenVariable]: token = '', ...variables } = rehearsal.environment();
  const launcherDirectory = placeLauncher(directory, runtime);
  const own = placeOwnToken(rehearsal, { directory, launcherDirectory }, runtime);
  const lead = own === undefined ? options : { ...options, token: own.lead };
  const job = {
    ...(options.stdoutIsLog ? {} : { SECRETCTL_PRINT_PLAINTEXT_TO_LOG: 'true' }),
    ...variables,
    ...(own?.variables ?? { [rehearsal.tokenVariable]: token }),
    ...scratchDirectory(rehearsal.signer.job, directory, runtime),
    ...laterSteps(rehearsal.signer.job, directory, runtime),
    ...leadingVariables(lead, rehearsal, directory, runtime),
  };
  return jobEnvironment({ outer: runtime.env, job, foreign: options.foreign, launcherDirectory, cacheDirectory });
}

/** Where the job may leave private files, by the variable that the CI has for that. */
function scratchDirectory({ scratchVariable }: CiJob, parent: string, runtime: Runtime): Record<string, string> {
  if (scratchVariable === undefined) return {};
  const directory = join(parent, 'scratch');
  runtime.fs.mkdirSync(directory, { mode: 0o700 });
  return { [scratchVariable]: directory };
}

/** The file that hands variables to later steps, empty as when a job begins. */
function laterSteps({ laterStepsVariable }: CiJob, parent: string, runtime: Runtime): Record<string, string> {
  if (laterStepsVariable === undefined) return {};
  const file = join(parent, 'later-steps');
  runtime.fs.writeFileSync(file, '', { mode: 0o600, flag: 'wx' });
  return { [laterStepsVariable]: file };
}

function writeReport(file: string, report: RehearsalReport, runtime: Runtime): void {
  try {
    runtime.fs.writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  } catch (error) {
    throw new SecretctlError(
      'WRITE_FAILED',
      `the report could not be written to ${quoted(file)} (${systemCode(error) ?? 'unknown reason'})`,
    );
  }
}
