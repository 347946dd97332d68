import type { Command } from 'commander';

import { BACKENDS } from '../backends/index.ts';
import { readTextFile } from '../config/discover.ts';
import type { FileNode } from '../config/nodes.ts';
import {
  type ClaimOverrides,
  CI_NAMES,
  execRehearsed,
  PRODUCTS,
  readPolicyFile,
  type RehearsalOptions,
  secretsOf,
  secretsOfFlags,
  serveRehearsal,
  startRehearsal,
  tokenOfRehearsal,
} from '../dev/index.ts';
import { SecretctlError } from '../lib/errors.ts';
import { durationMs, variableName, wholeNumber } from '../lib/parsers.ts';
import type { Runtime } from '../lib/runtime.ts';
import { type Parser, SettingFault } from '../lib/settings.ts';
import { suggestion } from '../lib/text.ts';
import type { Cli, CommandRow } from './command.ts';
import { findForRehearsal, type FoundConfiguration, readYamlFile } from './dev-configuration.ts';
import { COMMANDS } from './commands.ts';
import { execHelp } from './dev-help.ts';
import { print } from './print.ts';

/** `secretctl dev`: a job without a CI, a server without a product. */
export const devCommand: CommandRow = {
  name: 'dev',
  help: 'rehearse a job with a local issuer, a test token and a strict local server',
  declare(command, cli) {
    // Below it, options after a command to run belong to that command.
    command.enablePositionalOptions();
    declareExec(command, cli);
    declareServe(command, cli);
    declareToken(command, cli);
  },
};

/** Flags of `exec` and `serve`, as commander hands them over. */
interface RehearsalFlags {
  readonly ci: string;
  readonly backend: string;
  readonly secret?: readonly string[];
  readonly secrets?: string;
  readonly forbid?: readonly string[];
  readonly claim?: readonly string[];
  readonly audience?: string;
  readonly lifetime?: string;
  readonly latency?: string;
  readonly fault?: readonly string[];
  readonly option?: readonly string[];
  readonly serverClock?: string;
  readonly tokenEnv?: string;
  readonly policy?: string;
}

function declareExec(parent: Command, cli: Cli): void {
  rehearsalOptions(parent.command('exec').description('run a command as a job of a CI, against a local server'))
    .usage('[OPTION…] -- COMMAND [ARGUMENT…]')
    .argument('<COMMAND...>', 'the command and its arguments, best after --')
    .option('--report <FILE>', 'write every request that reached the server as JSON')
    .option('--stdout-is-log', 'let fetch refuse what it would refuse in a real job: to print values to its log')
    .passThroughOptions()
    .addHelpText('after', ({ command }) => execHelp(command.opts<RehearsalFlags>().backend))
    .action(async (command: string[], flags: RehearsalFlags & { report?: string; stdoutIsLog?: boolean }) => {
      const { runtime } = cli;
      const found = await findForRehearsal(flags.backend, runtime);
      const options = await rehearsalFlags(flags, found, runtime);
      const rehearsed = execRehearsed(
        {
          backend: options.backend,
          configuration: found.configuration,
          hasFallback: found.hasFallback,
          foreign: { names: productVariables(), products: Object.keys(PRODUCTS) },
          command,
          stdoutIsLog: flags.stdoutIsLog === true,
          reportFile: flags.report,
          start: () => startRehearsal(options, runtime),
        },
        runtime,
      );
      cli.ended(await rehearsed.catch((error: unknown) => withName(error, command)));
    });
}

/** Whoever leaves out the name of this program gets to know it. */
function withName(error: unknown, [first = '']: readonly string[]): never {
  const isOurs =
    error instanceof SecretctlError && error.reason === 'COMMAND_NOT_FOUND' && Object.hasOwn(COMMANDS, first);
  if (!isOurs) throw error;
  throw new SecretctlError(error.reason, error.message, {
    hint: [`did you mean secretctl ${first}? (secretctl dev exec -- secretctl ${first})`, ...error.hints],
  });
}

function declareServe(parent: Command, cli: Cli): void {
  rehearsalOptions(parent.command('serve').description('run issuer and server until a signal, for another terminal'))
    .option('--state <DIR>', 'private directory that `dev token` takes the key from')
    .action(async (flags: RehearsalFlags & { state?: string }) => {
      const { runtime } = cli;
      const found = await findForRehearsal(flags.backend, runtime);
      const options = await rehearsalFlags(flags, found, runtime);
      const exitCode = await serveRehearsal(
        {
          backend: options.backend,
          configuration: found.configuration,
          hasFallback: found.hasFallback,
          stateDirectory: flags.state,
          start: () => startRehearsal(options, runtime),
          print: (text) => print(text, runtime),
        },
        runtime,
      );
      cli.ended(exitCode);
    });
}

function declareToken(parent: Command, cli: Cli): void {
  parent
    .command('token')
    .description('print a test token of a rehearsal that `dev serve` runs')
    .requiredOption('--state <DIR>', 'the directory that `dev serve` named')
    .option('--claim <K=V>', 'another claim, V as JSON where it is; null removes one', gathered)
    .option('--audience <TEXT>', 'another audience')
    .option('--lifetime <DURATION>', 'another lifetime')
    .action(async (flags: Pick<RehearsalFlags, 'claim' | 'audience' | 'lifetime'> & { state: string }) => {
      const claims = claimsOf(flags.claim);
      const token = await tokenOfRehearsal(flags.state, claims, tokenFlags(flags), cli.runtime);
      await print(`${token}\n`, cli.runtime);
      cli.ended(0);
    });
}

function rehearsalOptions(command: Command): Command {
  return command
    .option('--ci <NAME>', `whose job it is: ${CI_NAMES.join(', ')}`, CI_NAMES[0])
    .option('--backend <TYPE>', `which server: ${Object.keys(PRODUCTS).join(', ')}`, Object.keys(PRODUCTS)[0])
    .option('--secret <PATH=VALUE>', 'a secret that the server holds; a path again is its next version', gathered)
    .option('--secrets <FILE>', 'YAML: path -> text, {base64: …} or {versions: […]} (default: a few made-up ones)')
    .option('--forbid <PATH>', 'a secret that exists and may not be read', gathered)
    .option('--claim <K=V>', 'a claim of the token, V as JSON where it is; null removes one', gathered)
    .option('--audience <TEXT>', 'audience of the token, and what the server expects')
    .option('--lifetime <DURATION>', "lifetime of the token (default: the CI's own)")
    .option('--latency <MS>', 'hold every answer back')
    .option('--fault <SPEC>', 'what goes wrong: WHERE:WHAT[*COUNT][;key=value…]', gathered)
    .option('--option <K=V>', 'a variant of the server; `dev exec --backend TYPE --help` lists them', gathered)
    .option('--server-clock <OFFSET>', "the server's clock is so far ahead, or behind: +20m, -90s")
    .option('--policy <FILE>', 'what `secretctl policy --json` printed: the server binds what it says')
    .option(
      '--token-env <NAME>',
      'variable that holds the token (default: what the configuration says, or SECRETCTL_ID_TOKEN)',
    );
}

async function rehearsalFlags(
  flags: RehearsalFlags,
  found: FoundConfiguration,
  runtime: Runtime,
): Promise<RehearsalOptions> {
  const tokenVariable =
    flags.tokenEnv === undefined ? found.tokenVariable : value('token-env', variableName, flags.tokenEnv);
  const secrets = await secretsOfBoth(flags, runtime);
  return {
    backend: flags.backend,
    ci: flags.ci,
    ...(secrets.size > 0 && { secrets }),
    forbidden: new Set(flags.forbid),
    claims: claimsOf(flags.claim),
    ...tokenFlags(flags),
    ...(flags.latency !== undefined && { latencyMs: value('latency', wholeNumber(0, 60_000), flags.latency) }),
    faults: flags.fault ?? [],
    options: new Map((flags.option ?? []).map((pair) => split('option', pair))),
    ...(flags.serverClock !== undefined && { serverClockMs: offsetMs(flags.serverClock) }),
    ...(tokenVariable !== undefined && { tokenVariable }),
    ...(flags.policy !== undefined && { policy: readPolicyFile(readTextFile(flags.policy, runtime)) }),
  };
}

function tokenFlags({ audience, lifetime }: Pick<RehearsalFlags, 'audience' | 'lifetime'>): {
  audience?: string;
  lifetimeSeconds?: number;
} {
  return {
    ...(audience !== undefined && { audience }),
    ...(lifetime !== undefined && { lifetimeSeconds: Math.ceil(value('lifetime', durationMs, lifetime) / 1000) }),
  };
}

async function secretsOfBoth(flags: RehearsalFlags, runtime: Runtime): Promise<ReadonlyMap<string, readonly Buffer[]>> {
  const given = secretsOfFlags(flags.secret ?? []);
  if (flags.secrets === undefined) return given;
  const node = await readYamlFile(flags.secrets, runtime);
  return new Map([...secretsOf(plain(node), flags.secrets), ...given]);
}

function plain(node: FileNode | undefined): unknown {
  if (node === undefined || node.kind === 'scalar') return node?.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.value)]));
}

/** Every variable that one of the products' own clients reads. */
function productVariables(): readonly string[] {
  return BACKENDS.flatMap(({ variables, settings }) => [
    ...Object.values(variables).flat(),
    ...Object.values(settings).flatMap((row) => row.variables ?? []),
  ]);
}

function gathered(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function claimsOf(pairs: readonly string[] = []): ClaimOverrides {
  return Object.fromEntries(pairs.map((pair) => split('claim', pair)).map(([name, text]) => [name, jsonOrText(text)]));
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function split(flag: string, pair: string): readonly [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new SecretctlError('USAGE', `--${flag} must be K=V`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function offsetMs(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  return sign * value('server-clock', durationMs, text.replace(/^[+-]/, ''));
}

function value<T>(flag: string, parser: Parser<T>, text: string): T {
  try {
    return parser.parse(text);
  } catch (error) {
    if (error instanceof SettingFault)
      throw new SecretctlError('USAGE', `--${flag} must be ${error.message}${suggestion(text, error.words)}`);
    throw error;
  }
}
