import { Command, CommanderError } from 'commander';
import { BACKENDS, backendType } from '../backends/index.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { suggestion } from '../lib/text.ts';
import { VERSION } from '../lib/version.ts';
import type { Cli } from './command.ts';
import { COMMANDS } from './commands.ts';
import { backendHelp } from './backend-help.ts';
import { print } from './print.ts';

/** Parses the command line and runs its command; the exit code. Commander neither prints nor exits. */
export async function runCommand(runtime: Runtime, hiding: Pick<Cli, 'hide' | 'show' | 'openRedact'>): Promise<number> {
  let exitCode = 0;
  const cli: Cli = { runtime, ...hiding, ended: (code) => (exitCode = code) };
  const [first = '', ...rest] = runtime.argv;
  if (first === '') throw noCommand(await declaredProgram('', cli));
  if (first === 'help') await printHelp(rest, cli);
  else await parse(await declaredProgram(first, cli), runtime.argv, runtime);
  return exitCode;
}

async function printHelp(topic: readonly string[], cli: Cli): Promise<void> {
  const [first = ''] = topic;
  if (topic.length === 1 && backendType(first) !== undefined) return print(backendHelp(first), cli.runtime);
  const program = await declaredProgram(first, cli);
  // Commander answers "help nonsense" with the help of the root.
  let known = program;
  for (const word of topic) known = known.commands.find((command) => command.name() === word) ?? unknownTopic(word);
  return parse(program, [...topic, '--help'], cli.runtime);
}

const TYPES = BACKENDS.map((backend) => backend.type);

function unknownTopic(word: string): never {
  const topics = [...Object.keys(COMMANDS), ...TYPES];
  throw new SecretctlError('USAGE', `there is no help on this${suggestion(word, topics)}`, {
    hint: `there is help on ${topics.join(', ')}`,
  });
}

/** The root with every command's name; what is not asked for is not loaded, unless help lists them all. */
async function declaredProgram(asked: string, cli: Cli): Promise<Command> {
  const program = new Command('secretctl')
    .usage('COMMAND [OPTION…] [ARGUMENT…]')
    .description('Exchanges the ID token of a CI job at a backend and hands the job its secrets.')
    .enablePositionalOptions()
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [COMMAND]', 'help for a command or for a backend')
    .version(`secretctl ${VERSION}`, '-V, --version', 'name the version')
    .addHelpText(
      'after',
      () =>
        `\nsecretctl help COMMAND lists its options, secretctl help TYPE the settings of a product:\n${TYPES.join(', ')}.`,
    );
  const isListed = asked === '' || asked === '--help' || asked === '-h';
  for (const [name, load] of Object.entries(COMMANDS)) {
    const command = program.command(name);
    if (name !== asked && !isListed) continue;
    const row = await load();
    command.description(row.help);
    if (name === asked) row.declare(command, cli);
  }
  return program;
}

async function parse(program: Command, argv: readonly string[], runtime: Runtime): Promise<void> {
  let help = '';
  let read = program;
  if (asksForHelp(argv)) {
    const { addExamples } = await import('./examples.ts');
    for (const command of withSubcommands(program)) addExamples(command);
  }
  for (const command of withSubcommands(program)) {
    command
      .exitOverride((error) => {
        read = command;
        throw error;
      })
      .configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined, getOutHelpWidth: () => 100 })
      .configureHelp({ commandUsage: usageOf, subcommandTerm: (one) => one.name() })
      .showSuggestionAfterError(false);
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.help') throw noCommand(read);
    if (error.exitCode !== 0) throw (await import('./usage.ts')).usageError(error, read);
    await print(help, runtime);
  }
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => word === '--help' || word === '-h');
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** `secretctl dev serve [OPTION…]`: commander's own words for options and commands as ours. */
function usageOf(command: Command): string {
  const names: string[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name());
  const words = command.usage().replace('[options]', '[OPTION…]').replace('[command]', 'COMMAND');
  return [...names, words].join(' ');
}

function noCommand(command: Command): SecretctlError {
  const isRoot = command.parent === null;
  return new SecretctlError(
    'USAGE',
    isRoot ? 'no command was given' : `"${command.name()}" needs a command of its own`,
    {
      hint: [
        `there are ${command.commands.map((one) => one.name()).join(', ')}`,
        isRoot ? 'secretctl help' : `secretctl help ${command.name()}`,
      ],
    },
  );
}
