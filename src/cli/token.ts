import { Option } from 'commander';
import type { TokenFacts } from '../app/token/token.ts';
import type { RawOptions } from '../config/types.ts';
import { EndpointFault, readEndpoint } from '../lib/endpoint.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Cli, CommandRow } from './command.ts';
import { declareSettings, rawOptions, SETTINGS_HELP } from './options.ts';
import { print } from './print.ts';
import { withSettings } from './with-settings.ts';

/** What is said to this command alone. */
interface TokenOptions {
  readonly verify?: true;
  readonly json?: true;
  readonly keysUrl?: string;
}

/** `secretctl token`: what this job's ID token says, and whether its issuer made it. */
export const tokenCommand: CommandRow = {
  name: 'token',
  help: "say what this job's ID token says, without showing it",
  declare(command, cli) {
    const group = 'What to say:';
    command
      .addOption(new Option('--verify', "verify the signature with the issuer's published keys").helpGroup(group))
      .addOption(
        new Option('--keys-url <URL>', 'where those keys are, when the issuer is not to be asked').helpGroup(group),
      )
      .addOption(new Option('--json', 'as one JSON object').helpGroup(group));
    declareSettings(command, cli, { areas: ['run', 'backend'] });
    command.addHelpText('after', SETTINGS_HELP).action(async (options: TokenOptions) => {
      await runToken(rawOptions(command, 'token', []), options, cli);
      cli.ended(0);
    });
  },
};

/** What is known is said even where the token does not verify: that is what explains it. */
async function runToken(raw: RawOptions, options: TokenOptions, cli: Cli): Promise<void> {
  const question = { verify: options.verify === true, keysUrl: keysUrl(options) };
  await withSettings(raw, cli, async (settings, invocation) => {
    const { examineToken } = await import('../app/token/token.ts');
    const facts = await examineToken(settings, question, invocation, cli.hide);
    await print(options.json === true ? await asJson(facts) : await asText(facts), cli.runtime);
    if (facts.verification?.failure !== undefined) throw facts.verification.failure;
  });
}

async function asText(facts: TokenFacts): Promise<string> {
  return (await import('../app/token/token-text.ts')).tokenText(facts);
}

async function asJson(facts: TokenFacts): Promise<string> {
  return (await import('../app/token/token-json.ts')).tokenJson(facts);
}

function keysUrl({ verify, keysUrl: text }: TokenOptions): URL | undefined {
  if (text === undefined) return undefined;
  if (verify !== true) throw new SecretctlError('USAGE', '--keys-url is for --verify, which is not said');
  try {
    return readEndpoint(text);
  } catch (error) {
    if (error instanceof EndpointFault) throw new SecretctlError(error.reason, `--keys-url must be ${error.message}`);
    throw error;
  }
}
