import { intro, outro, select, text } from '@clack/prompts';
import { BACKENDS, backendType } from '../backends/index.ts';
import type { BackendType } from '../backends/types.ts';
import { addressIn, type Beginning, usualAudience } from '../app/init.ts';
import { knownTexts, missingSettings, settingNamed } from '../config/first-file.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { SettingFault } from '../lib/settings.ts';
import { loadPipelines } from '../sources/index.ts';
import type { Pipeline } from '../sources/types.ts';
import type { Sketch } from './init.ts';

/**
 * Asks a person at a terminal for what is missing, and for nothing else. The form is on stderr, so that the job can be
 * piped. Throws INTERRUPTED (130) when it is left.
 */
export async function completeByForm(sketch: Sketch, runtime: Runtime): Promise<Beginning> {
  const streams = { input: runtime.stdin, output: runtime.stderr };
  intro('secretctl init', streams);
  const type = sketch.type ?? (await askType(streams));
  const pipeline = sketch.pipeline ?? (await askPipeline(streams));
  const flags = new Map(sketch.flags);
  // One answer may make another setting necessary.
  for (let asked = 0; asked < MOST_QUESTIONS; asked++) {
    const [first] = missingSettings(type, knownTexts({ type, flags }, runtime));
    const setting = first && settingNamed(type, first.missing);
    if (first === undefined || setting?.flag === undefined) break;
    const { parser } = setting.row;
    flags.set(setting.flag, [await ask(`${first.missing}: ${first.what}`, parser.parse, streams)]);
  }
  await askAudience({ type, pipeline, flags }, runtime);
  const secrets = sketch.secrets.length > 0 ? sketch.secrets : await askSecret(streams);
  outro('that is all', streams);
  return { type, pipeline, flags, secrets };
}

const MOST_QUESTIONS = 10;

interface Streams {
  readonly input: Runtime['stdin'];
  readonly output: Runtime['stderr'];
}

async function askType(streams: Streams): Promise<BackendType> {
  const options = BACKENDS.map(({ type, title }) => ({ value: type, label: title, hint: type }));
  const chosen = answered(await select({ message: 'Where are the secrets?', options, ...streams }));
  return backendType(chosen) ?? left();
}

async function askPipeline(streams: Streams): Promise<Pipeline> {
  const pipelines = await loadPipelines();
  const options = pipelines.map(({ key, name }) => ({ value: key, label: name }));
  const chosen = answered(await select({ message: 'Which CI runs the job?', options, ...streams }));
  return pipelines.find(({ key }) => key === chosen) ?? left();
}

/** Where the job can choose it; the backend's own address is what most administrators choose. */
async function askAudience(
  { type, pipeline, flags }: Pick<Beginning, 'type' | 'pipeline'> & { readonly flags: Map<string, readonly string[]> },
  runtime: Runtime,
): Promise<void> {
  if (flags.has('audience') || type.algorithms.length === 0 || pipeline.audience !== 'chosen') return;
  const usual = usualAudience({ type, pipeline, url: addressIn({ type, flags }, runtime) });
  const message = 'audience that the backend expects in the ID token';
  const streams = { input: runtime.stdin, output: runtime.stderr };
  const initialValue = usual === undefined ? {} : { initialValue: usual };
  flags.set('audience', [answered(await text({ message, ...initialValue, validate: needed, ...streams }))]);
}

async function askSecret(streams: Streams): Promise<readonly string[]> {
  const message = 'a first secret, as NAME=path/of/the/secret (empty for none)';
  const said = answered(await text({ message, defaultValue: '', validate: secretFault, ...streams }));
  return said === '' ? [] : [said];
}

async function ask(message: string, parse: (text: string) => unknown, streams: Streams): Promise<string> {
  const validate = (said: string | undefined): string | undefined => {
    try {
      parse(said ?? '');
      return needed(said);
    } catch (error) {
      if (error instanceof SettingFault) return `must be ${error.message}`;
      throw error;
    }
  };
  return answered(await text({ message, validate, ...streams }));
}

function needed(said: string | undefined): string | undefined {
  return said === undefined || said.trim() === '' ? 'this is needed' : undefined;
}

function secretFault(said: string | undefined): string | undefined {
  if (said === undefined || said === '' || /^[A-Za-z_][A-Za-z0-9_]*=.+$/.test(said)) return undefined;
  return 'must be NAME=REF, as in DB_PASSWORD=prod/db/password';
}

/** A symbol stands for Ctrl-C. */
function answered(said: string | symbol): string {
  return typeof said === 'string' ? said : left();
}

function left(): never {
  throw new SecretctlError('INTERRUPTED', 'the form was left; nothing was written');
}
