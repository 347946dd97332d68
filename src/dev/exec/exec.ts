import { join } from 'node:path';

import { SecretctlError, systemCode } from '../../lib/errors.ts';
import type { Runtime } from '../../lib/runtime.ts';
import { quoted } from '../../lib/text.ts';
import { type Rehearsal, TOKEN_VARIABLE } from '../frame/rehearsal.ts';
import type { RehearsalReport } from '../frame/report.ts';
import { openSignalInbox, runChild, signalExit, type SignalInbox } from './child.ts';
import { rehearsalConfiguration } from './configuration.ts';
import { type ForeignVariables, jobEnvironment, overrulingVariables } from './environment.ts';
import { placeLauncher } from './launcher.ts';

/** One `secretctl dev exec`. */
export interface ExecOptions {
  readonly backend: string;
  readonly foreign: ForeignVariables;
  readonly command: readonly string[];
  /**
   * What becomes of the configuration file: where there is none, one that names the rehearsal's secrets is `made`; one
   * whose endpoints are real servers is `overruled` by variables; any other is left alone.
   */
  readonly configuration: 'made' | 'overruled' | 'own';
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
  const variables = rehearsal.environment();
  const launcherDirectory = placeLauncher(directory, runtime);
  const job = {
    ...(options.stdoutIsLog ? {} : { SECRETCTL_PRINT_PLAINTEXT_TO_LOG: 'true' }),
    ...variables,
    ...configurationVariables(options, { rehearsal, variables, directory, runtime }),
  };
  return jobEnvironment({ outer: runtime.env, job, foreign: options.foreign, launcherDirectory, cacheDirectory });
}

interface Preparation {
  readonly rehearsal: Rehearsal;
  readonly variables: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly runtime: Runtime;
}

function configurationVariables(options: ExecOptions, preparation: Preparation): Record<string, string> {
  const { rehearsal, variables, directory, runtime } = preparation;
  const { backend, configuration } = options;
  const entry = rehearsal.configuration();
  if (configuration === 'own') return {};
  if (configuration === 'overruled') return overrulingVariables(backend, rehearsal);
  const file = join(directory, 'secretctl.yaml');
  const text = rehearsalConfiguration({ backend, entry, variables, paths: rehearsal.paths });
  runtime.fs.writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  const token = rehearsal.tokenVariable === TOKEN_VARIABLE ? {} : { SECRETCTL_TOKEN_ENV: rehearsal.tokenVariable };
  return { ...token, SECRETCTL_CONFIG: file };
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
