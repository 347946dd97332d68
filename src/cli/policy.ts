import type { WrittenPolicy } from '../app/policy.ts';
import type { ClaimWish } from '../lib/choose-claims.ts';
import { printableJson } from '../lib/literal.ts';
import type { Cli, CommandRow } from './command.ts';
import { planned } from './concerned.ts';
import { declareSettings, rawOptions, SETTINGS_HELP } from './options.ts';
import { print } from './print.ts';
import { withSettings } from './with-settings.ts';

/** `secretctl policy [NAME=REF …]`. */
export const policyCommand: CommandRow = {
  name: 'policy',
  help: "print what an administrator configures so that this job's ID token is accepted",
  declare(command, cli) {
    command
      .usage('[OPTION…] [NAME=REF…]')
      .argument('[NAME=REF...]', 'what the job may read, as for fetch; every configured secret without any')
      .optionsGroup('The policy:')
      .option('--identity <CLAIM>', "the claim that names the job (default: by the CI, such as GitLab's project_path)")
      .option(
        '--claim <CLAIM>',
        'a claim to bind besides; may be repeated (default: those that narrow it down)',
        gathered,
      )
      .option('--json', 'print the documents as data, which `dev exec --policy` loads');
    declareSettings(command, cli, { areas: ['run', 'backend'] });
    command.addHelpText('after', SETTINGS_HELP).action(async (args: string[], flags: PolicyFlags) => {
      await runPolicy(rawOptions(command, 'policy', args), flags, cli);
      cli.ended(0);
    });
  },
};

interface PolicyFlags {
  readonly identity?: string;
  readonly claim?: readonly string[];
  readonly json?: boolean;
}

async function runPolicy(raw: ReturnType<typeof rawOptions>, flags: PolicyFlags, cli: Cli): Promise<void> {
  const wish: ClaimWish = { identity: flags.identity, claims: flags.claim };
  await withSettings(raw, cli, async (settings, invocation) => {
    if (settings.general.dryRun) return print(planned(settings, 'write a policy for'), cli.runtime);
    const { writePolicy } = await import('../app/policy.ts');
    const policy = await writePolicy(settings, wish, invocation, cli.hide);
    return print(flags.json === true ? `${printableJson(policy)}\n` : asText(policy), cli.runtime);
  });
}

/** Each document under a heading with what to do with it, then the notes. */
function asText({ documents, notes }: WrittenPolicy): string {
  const parts = documents.map(({ name, use, text }) => {
    return `==> ${name}\n    ${use}\n\n${text.endsWith('\n') ? text : `${text}\n`}`;
  });
  const last = notes.length === 0 ? [] : [`==> notes\n\n${notes.map((note) => `- ${note}\n`).join('')}`];
  return [...parts, ...last].join('\n');
}

function gathered(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
