import { loadSettings } from '../config/load.ts';
import type { RawOptions } from '../config/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { ChildEnd } from '../app/child/start.ts';
import type { Cli, CommandRow } from './command.ts';
import { declareSettings, rawOptions, SETTINGS_HELP } from './options.ts';
import { print } from './print.ts';
import { withSettings } from './with-settings.ts';

/** Settings of the output that say something about secrets and not about how they are written. */
const OF_OUTPUT = ['require-nonempty', 'prefix', 'keep-case', 'allow-env-name'] as const;

/** `secretctl run [NAME=REF …] -- COMMAND [ARGUMENT …]`. */
export const runCommand: CommandRow = {
  name: 'run',
  help: 'run a command that gets the secrets, and redact what it prints',
  declare(command, cli) {
    declareSettings(command, cli, { areas: ['run', 'backend', 'child'], besides: OF_OUTPUT });
    command
      .usage('[OPTION…] [NAME=REF…] -- COMMAND [ARGUMENT…]')
      .argument('[NAME=REF...]', 'what to fetch, as for fetch; every configured secret without any')
      .addHelpText('after', SETTINGS_HELP)
      .action(async (words: string[]) => {
        const { references, argv } = dividedWords(words, cli.runtime.argv);
        cli.ended(await runTheCommand(rawOptions(command, 'run', references), argv, cli));
      });
  },
};

/** What stands before `--` is ours, what follows is the command, word for word. Throws USAGE. */
function dividedWords(
  words: readonly string[],
  all: readonly string[],
): { readonly references: readonly string[]; readonly argv: readonly string[] } {
  const at = all.indexOf('--');
  const count = at < 0 ? 0 : all.length - at - 1;
  if (count === 0 || count > words.length) {
    throw new SecretctlError(
      'USAGE',
      at < 0 ? '"--" is missing in front of the command' : 'there is no command after "--"',
      {
        hint: 'secretctl run NAME=path/of/the/secret -- COMMAND ARGUMENT',
      },
    );
  }
  return { references: words.slice(0, words.length - count), argv: words.slice(words.length - count) };
}

async function runTheCommand(raw: RawOptions, argv: readonly string[], cli: Cli): Promise<number> {
  const { runtime, hide, openRedact } = cli;
  if (runtime.host.pid === 1) await leaveFirstPlaceFor(raw, runtime);
  const end = await withSettings<ChildEnd>(raw, cli, async (settings, invocation) => {
    if (settings.general.dryRun) {
      const { planRun } = await import('../app/run-plan.ts');
      // Its words may hold what a shell put in the place of a variable, the ID token not least.
      const text = await planRun(settings, argv, invocation, hide);
      const redact = await openRedact();
      await print(redact(text), runtime);
      return { code: 0 };
    }
    const { runWithSecrets } = await import('../app/run.ts');
    return runWithSecrets(settings, argv, invocation, hide);
  });
  if ('code' in end) return end.code;
  // Whoever started us sees what it would have seen of the command.
  runtime.processes.raise(end.signal);
  return 128 + runtime.processes.numberOf(end.signal);
}

/** Not where the command is to have that place itself, or nothing is started. */
async function leaveFirstPlaceFor(raw: RawOptions, runtime: Runtime): Promise<void> {
  const { general, child } = await loadSettings(raw, runtime);
  if (child.exec || general.dryRun) return;
  const { leaveFirstPlace } = await import('../app/child/first-process.ts');
  leaveFirstPlace(runtime);
}
