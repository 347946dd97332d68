import type { Runtime } from '../lib/runtime.ts';
import { VERSION } from '../lib/version.ts';
import { asksForVersion, refuseSecrets } from './argv.ts';
import type { Cli } from './command.ts';
import { print } from './print.ts';

/**
 * Runs what the command line asks for; the exit code. Throws SecretctlError, USAGE and SECRET_IN_ARGV (64) for the
 * command line itself. `--version` is answered before anything is loaded.
 */
export async function runProgram(runtime: Runtime, hiding: Pick<Cli, 'hide' | 'show' | 'openRedact'>): Promise<number> {
  if (asksForVersion(runtime.argv)) {
    await print(`secretctl ${VERSION}\n`, runtime);
    return 0;
  }
  refuseSecrets(runtime.argv);
  const { runCommand } = await import('./run-command.ts');
  return runCommand(runtime, hiding);
}
