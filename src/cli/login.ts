import type { CommandRow } from './command.ts';
import { concerned, planned } from './concerned.ts';
import { declareSettings, rawOptions, SETTINGS_HELP } from './options.ts';
import { print } from './print.ts';
import { withSettings } from './with-settings.ts';

/** `secretctl login`: at every configured backend, or at the one that `--backend` names. */
export const loginCommand: CommandRow = {
  name: 'login',
  help: 'exchange the ID token now and keep the access token for this job',
  declare(command, cli) {
    declareSettings(command, cli, { areas: ['run', 'backend'] });
    command.addHelpText('after', SETTINGS_HELP).action(async () => {
      await withSettings(rawOptions(command, 'login', []), cli, async (settings, invocation) => {
        if (settings.general.dryRun) return print(planned(settings, 'exchange the ID token at'), cli.runtime);
        const { logIn } = await import('../app/login.ts');
        for (const backend of concerned(settings)) await logIn(backend, settings.general, invocation, cli.hide);
      });
      cli.ended(0);
    });
  },
};
