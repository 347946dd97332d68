import type { Settings } from '../config/types.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Cli, CommandRow } from './command.ts';
import { concerned, planned } from './concerned.ts';
import { declareSettings, rawOptions, SETTINGS_HELP } from './options.ts';
import { print } from './print.ts';
import { withSettings } from './with-settings.ts';

/** `secretctl logout`: at every configured backend, or at the one that `--backend` names. */
export const logoutCommand: CommandRow = {
  name: 'logout',
  help: 'revoke and forget the access token of this job',
  declare(command, cli) {
    declareSettings(command, cli, { areas: ['run', 'backend'] });
    command.addHelpText('after', SETTINGS_HELP).action(async () => {
      await withSettings(rawOptions(command, 'logout', []), cli, (settings, invocation) =>
        runLogout(settings, invocation, cli),
      );
      cli.ended(0);
    });
  },
};

/**
 * One backend that cannot be reached does not keep the others' tokens alive. Where none is configured nothing is kept that
 * could be named: that is content too, for a script that runs after every job.
 */
async function runLogout(settings: Settings, invocation: Invocation, cli: Cli): Promise<void> {
  if (settings.backends.length === 0) {
    return invocation.journal.warn('no backend is configured here, so no access token that was kept can be named');
  }
  if (settings.general.dryRun) return print(planned(settings, 'revoke and forget the access token for'), cli.runtime);
  const { logOut } = await import('../app/logout.ts');
  const failures: unknown[] = [];
  for (const backend of concerned(settings)) {
    try {
      await logOut(backend, settings.general, invocation, cli.hide);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return undefined;
}
