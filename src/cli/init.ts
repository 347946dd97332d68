import { type Command, Option } from 'commander';
import { BACKENDS, backendType } from '../backends/index.ts';
import type { BackendType } from '../backends/types.ts';
import type { Beginning, Begun } from '../app/init.ts';
import type { RawOptions } from '../config/types.ts';
import { isCi } from '../lib/ci.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { nearest, quoted } from '../lib/text.ts';
import { loadPipelines } from '../sources/index.ts';
import type { Pipeline } from '../sources/types.ts';
import type { CommandRow } from './command.ts';
import { declareSettings, rawOptions, SETTINGS_HELP } from './options.ts';
import { print } from './print.ts';

/** What is said to this command alone. */
interface InitOptions {
  readonly backend?: string;
  readonly ci?: string;
  readonly dryRun?: true;
}

/** What is known before anybody is asked. */
export interface Sketch {
  readonly type: BackendType | undefined;
  readonly pipeline: Pipeline | undefined;
  readonly flags: RawOptions['flags'];
  readonly secrets: readonly string[];
}

/** `secretctl init [NAME=REF …]`: a first configuration, and the job that uses it. */
export const initCommand: CommandRow = {
  name: 'init',
  help: 'write a first secretctl.yaml and print the job that uses it',
  declare(command, cli) {
    const group = 'What to begin with:';
    command
      .usage('[OPTION…] [NAME=REF…]')
      .argument('[NAME=REF...]', 'the secrets that the job is to have')
      .addOption(
        new Option('--backend <TYPE>', `the product: ${BACKENDS.map(({ type }) => type).join(', ')}`).helpGroup(group),
      )
      .addOption(
        new Option('--ci <NAME>', 'the CI that the job is for, such as gitlab, github or jenkins').helpGroup(group),
      )
      .addOption(new Option('--dry-run', 'print both and write nothing').helpGroup(group));
    declareSettings(command, cli, { areas: ['backend'] });
    command.addHelpText('after', SETTINGS_HELP).action(async (words: string[], options: InitOptions) => {
      await runInit(await sketch(words, options, command, cli.runtime), options.dryRun === true, cli.runtime);
      cli.ended(0);
    });
  },
};

async function sketch(
  words: readonly string[],
  options: InitOptions,
  command: Command,
  runtime: Runtime,
): Promise<Sketch> {
  const { detectBackend, detectPipeline } = await import('../app/init.ts');
  const { flags } = rawOptions(command, 'login', []);
  for (const url of flags.get('url') ?? []) checkUrl(url);
  return {
    type: options.backend === undefined ? detectBackend(runtime) : typeNamed(options.backend),
    pipeline: options.ci === undefined ? await detectPipeline(runtime) : await pipelineNamed(options.ci),
    flags,
    secrets: words.map(checkedSecret),
  };
}

/** Asks a person for what is missing, and is silent where nothing is, or where there is nobody to ask. */
async function runInit(known: Sketch, isDry: boolean, runtime: Runtime): Promise<void> {
  const { begin, FIRST_FILE, isWritten, writeFirstFile } = await import('../app/init.ts');
  const beginning = await completed(known, isDry, runtime);
  const begun = begin(beginning, runtime);
  if (isDry) return print(`# ${FIRST_FILE}\n${begun.file}\n${headed(begun, beginning)}`, runtime);
  if (isWritten(begun, runtime)) say(`${FIRST_FILE} is here already, as it would be written`, runtime);
  else {
    await writeFirstFile(begun, runtime);
    say(`wrote ${FIRST_FILE}`, runtime);
  }
  for (const name of begun.neededVariables) say(`the job needs the variable ${name} as well`, runtime);
  if (beginning.secrets.length === 0) say(`list the secrets of the job under "secrets:" in it`, runtime);
  return print(headed(begun, beginning), runtime);
}

/** Nobody is asked, and nothing is said to be missing, where a file stands in the way. */
async function completed(known: Sketch, isDry: boolean, runtime: Runtime): Promise<Beginning> {
  const { missingFlags, refuseTarget } = await import('../app/init.ts');
  const { type, pipeline, flags, secrets } = known;
  if (type !== undefined && pipeline !== undefined) {
    const beginning = { type, pipeline, flags, secrets };
    const missing = missingFlags(beginning, runtime);
    if (missing.length === 0) return beginning;
    if (!isDry) refuseTarget(runtime);
    if (!isAttended(runtime)) throw notSaid(missing);
  }
  if (!isDry) refuseTarget(runtime);
  if (isAttended(runtime)) return (await import('./init-form.ts')).completeByForm(known, runtime);
  throw notSaid([
    ...(type === undefined ? [`--backend: one of ${BACKENDS.map((one) => one.type).join(', ')}`] : []),
    ...(pipeline === undefined ? ['--ci: the CI that it is for, such as gitlab, jenkins or github'] : []),
  ]);
}

/** Too narrow for a form, or of no width at all, as a terminal without anybody in front of it often is. */
const NARROWEST = 20;

/** Somebody at a terminal, and no job. */
function isAttended({ env, stdin, stderr }: Runtime): boolean {
  if (stdin.isTTY !== true || stderr.isTTY !== true || isCi(env)) return false;
  return 'columns' in stderr && typeof stderr.columns === 'number' && stderr.columns >= NARROWEST;
}

function notSaid(missing: readonly string[]): SecretctlError {
  return new SecretctlError('USAGE', 'neither the command line nor the environment says all that is needed', {
    hint: missing,
  });
}

function typeNamed(word: string): BackendType {
  const type = backendType(word);
  if (type !== undefined) return type;
  throw notKnown(
    '--backend',
    word,
    BACKENDS.map((one) => one.type),
  );
}

async function pipelineNamed(word: string): Promise<Pipeline> {
  const pipelines = await loadPipelines();
  const pipeline = pipelines.find(({ key }) => key === word);
  if (pipeline !== undefined) return pipeline;
  throw notKnown(
    '--ci',
    word,
    pipelines.map(({ key }) => key),
  );
}

/** What was typed is not repeated: it may be anything. */
function notKnown(flag: string, word: string, known: readonly string[]): SecretctlError {
  const meant = nearest(word, known);
  return new SecretctlError('USAGE', `${flag} must be one of ${known.join(', ')}`, {
    hint: meant === undefined ? 'secretctl help init' : `did you mean ${quoted(meant)}?`,
  });
}

/** Said here, as an address that is none would else be asked for as if it were missing. */
function checkUrl(text: string): void {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return;
  throw new SecretctlError('USAGE', '--url must be a URL such as https://host.example/path');
}

function checkedSecret(word: string, index: number): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*=[^\r\n]+$/.test(word)) return word;
  throw new SecretctlError('USAGE', `argument ${index + 1} is not NAME=REF`, {
    hint: 'secretctl init DB_PASSWORD=path/of/the/secret',
  });
}

function headed({ snippet, place }: Begun, { pipeline }: Beginning): string {
  const sign = snippet.startsWith('//') || pipeline.key === 'jenkins' ? '//' : '#';
  return `${sign} ${pipeline.name}${place === undefined ? '' : `: ${place}`}\n${snippet}`;
}

function say(text: string, { stderr }: Runtime): void {
  stderr.write(`secretctl: ${text}\n`);
}
