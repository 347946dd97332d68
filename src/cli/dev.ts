import type { Command } from 'commander';

import { BACKENDS } from '../backends/index.ts';
import { findConfiguration, readTextFile, shownPath } from '../config/discover.ts';
import { gatherFaults } from '../config/faults.ts';
import { entriesOf, type FileNode, nodeAt, textOf } from '../config/nodes.ts';
import {
  type ClaimOverrides,
  CI_NAMES,
  execRehearsed,
  faultHelp,
  PRODUCTS,
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
import type { Cli, CommandRow } from './command.ts';
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
}

function declareExec(parent: Command, cli: Cli): void {
  rehearsalOptions(parent.command('exec').description('run a command as a job of a CI, against a local server'))
    .argument('<command...>', 'the command and its arguments, best after --')
    .option('--report <file>', 'write every request that reached the server as JSON')
    .option('--stdout-is-log', "take standard output for a real job's log, where no values may be printed")
    .passThroughOptions()
    .addHelpText('after', execHelp)
    .action(async (command: string[], flags: RehearsalFlags & { report?: string; stdoutIsLog?: boolean }) => {
      const { runtime } = cli;
      const options = await rehearsalFlags(flags, runtime);
      const exitCode = await execRehearsed(
        {
          backend: options.backend,
          foreign: { names: productVariables(), products: Object.keys(PRODUCTS) },
          command,
          configuration: await configurationState(runtime),
          stdoutIsLog: flags.stdoutIsLog === true,
          reportFile: flags.report,
          start: () => startRehearsal(options, runtime),
        },
        runtime,
      );
      cli.ended(exitCode);
    });
}

function declareServe(parent: Command, cli: Cli): void {
  rehearsalOptions(parent.command('serve').description('run issuer and server until a signal, for another terminal'))
    .option('--state <dir>', 'private directory that `dev token` takes the key from')
    .action(async (flags: RehearsalFlags & { state?: string }) => {
      const options = await rehearsalFlags(flags, cli.runtime);
      const start = (): ReturnType<typeof startRehearsal> => startRehearsal(options, cli.runtime);
      cli.ended(
        await serveRehearsal(
          { stateDirectory: flags.state, start, print: (text) => print(text, cli.runtime) },
          cli.runtime,
        ),
      );
    });
}

function declareToken(parent: Command, cli: Cli): void {
  parent
    .command('token')
    .description('print a test token of a rehearsal that `dev serve` runs')
    .requiredOption('--state <dir>', 'the directory that `dev serve` named')
    .option('--claim <K=V>', 'another claim, V as JSON where it is; null removes one', gathered)
    .option('--audience <text>', 'another audience')
    .option('--lifetime <duration>', 'another lifetime')
    .action(async (flags: Pick<RehearsalFlags, 'claim' | 'audience' | 'lifetime'> & { state: string }) => {
      const claims = claimsOf(flags.claim);
      const token = await tokenOfRehearsal(flags.state, claims, tokenFlags(flags), cli.runtime);
      await print(`${token}\n`, cli.runtime);
      cli.ended(0);
    });
}

function rehearsalOptions(command: Command): Command {
  return command
    .option('--ci <name>', `whose job it is: ${CI_NAMES.join(', ')}`, CI_NAMES[0])
    .option('--backend <type>', `which server: ${Object.keys(PRODUCTS).join(', ')}`, Object.keys(PRODUCTS)[0])
    .option('--secret <path=value>', 'a secret that the server holds; a path again is its next version', gathered)
    .option('--secrets <file>', 'YAML: path -> text, {base64: …} or {versions: […]} (default: a few made-up ones)')
    .option('--forbid <path>', 'a secret that exists and may not be read', gathered)
    .option('--claim <K=V>', 'a claim of the token, V as JSON where it is; null removes one', gathered)
    .option('--audience <text>', 'audience of the token, and what the server expects')
    .option('--lifetime <duration>', "lifetime of the token (default: the CI's own)")
    .option('--latency <ms>', 'hold every answer back')
    .option('--fault <spec>', 'what goes wrong: WHERE:WHAT[*COUNT][;key=value…]', gathered)
    .option('--option <K=V>', 'a variant of the server', gathered)
    .option('--server-clock <offset>', "the server's clock is so far ahead, or behind: +20m, -90s")
    .option('--token-env <name>', 'variable that holds the token (default: SECRETCTL_ID_TOKEN)');
}

function execHelp(): string {
  const width = Math.max(...faultHelp().map(([name]) => name.length));
  return `
What goes wrong (--fault WHERE:WHAT[*COUNT][;key=value…], several are tried in order):
  WHERE is exchange, read or any; read#3 is the third of them. Without *COUNT: every one, or the one with that number.
${faultHelp()
  .map(([name, help]) => `  ${name.padEnd(width)}  ${help}`)
  .join('\n')}

  secretctl dev exec --fault 'exchange:503*2' --fault 'read:429*1;retry-after=2' -- secretctl fetch

--claim changes the token and not what the server expects of it, so that a refusal can be rehearsed.
Without a secretctl.yaml the command gets one that names the server's secrets; one whose backends are at real
addresses is overruled by variables. The values are made up, so they may be printed to the log (see --stdout-is-log).`;
}

async function rehearsalFlags(flags: RehearsalFlags, runtime: Runtime): Promise<RehearsalOptions> {
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
    ...(flags.tokenEnv !== undefined && { tokenVariable: value('token-env', variableName, flags.tokenEnv) }),
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

/** The tree of a YAML file. Throws CONFIG_MISSING, CONFIG_INVALID with every fault, CONFIG_TOO_BIG. */
async function readYamlFile(file: string, runtime: Runtime): Promise<FileNode | undefined> {
  const shown = shownPath(file, runtime);
  const faults = gatherFaults(shown);
  const { readYaml } = await import('../config/yaml-file.ts');
  const node = readYaml(readTextFile(file, runtime), faults, shown);
  faults.settle();
  return node;
}

function plain(node: FileNode | undefined): unknown {
  if (node === undefined || node.kind === 'scalar') return node?.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.value)]));
}

/** A real address in a configuration would take the rehearsed command past the rehearsal. */
async function configurationState(runtime: Runtime): Promise<'made' | 'overruled' | 'own'> {
  const named = runtime.env['SECRETCTL_CONFIG'];
  const file = findConfiguration(named === '' ? undefined : named, runtime);
  if (file === undefined) return 'made';
  try {
    const node = await readYamlFile(file, runtime);
    const profiles = entriesOf(nodeAt(node, ['profiles'])).map(([, profile]) => profile.value);
    const backends = [node, ...profiles].flatMap((one) => entriesOf(nodeAt(one, ['backends'])));
    const urls = backends.map(([, backend]) => textOf(nodeAt(backend.value, ['url'])) ?? '');
    return urls.some(isRealAddress) ? 'overruled' : 'own';
  } catch (error) {
    // The command says what is wrong with its configuration.
    if (error instanceof SecretctlError) return 'own';
    throw error;
  }
}

/** A wrong address is left as it is: the command has to refuse it. */
function isRealAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hostname } = new URL(text);
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  return protocol === 'https:' && username === '' && password === '' && !isLocal;
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
    if (error instanceof SettingFault) throw new SecretctlError('USAGE', `--${flag} must be ${error.message}`);
    throw error;
  }
}
