import type { RawOptions } from '../config/types.ts';
import { FORMATS } from '../formats/index.ts';
import type { Cli, CommandRow } from './command.ts';
import { declareSettings, rawOptions, SETTINGS_HELP } from './options.ts';
import { print } from './print.ts';
import { withSettings } from './with-settings.ts';

/** `secretctl fetch [NAME=REF …]`. */
export const fetchCommand: CommandRow = {
  name: 'fetch',
  help: 'fetch secrets and write them to standard output or to files',
  declare(command, cli) {
    declareSettings(command, cli, { areas: ['run', 'backend', 'output'] });
    command
      .usage('[OPTION…] [NAME=REF…]')
      .argument(
        '[NAME=REF...]',
        'what to fetch: [backend:]path[?version=N][#field], or the name of a configured secret; all of those without any',
      )
      .addHelpText('after', () => `${formatsHelp()}${SETTINGS_HELP}`)
      .action(async (args: string[]) => {
        await runFetch(rawOptions(command, 'fetch', args), cli);
        cli.ended(0);
      });
  },
};

/** Who reads what, one format a line. */
function formatsHelp(): string {
  const width = Math.max(...FORMATS.map(({ name }) => name.length)) + 2;
  return ['', 'Formats:', ...FORMATS.map(({ name, help }) => `  ${name.padEnd(width)}${help}`), ''].join('\n');
}

/** What the work needs is loaded when the configuration has been found good. */
async function runFetch(raw: RawOptions, cli: Cli): Promise<void> {
  await withSettings(raw, cli, async (settings, invocation) => {
    if (settings.general.dryRun) {
      const { planFetch } = await import('../app/plan.ts');
      return print(await planFetch(settings, invocation, cli.hide), cli.runtime);
    }
    const { fetchSecrets } = await import('../app/fetch.ts');
    return fetchSecrets(settings, invocation, cli.hide);
  });
}
