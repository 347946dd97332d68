import path from 'node:path';
import { BACKENDS } from '../backends/index.ts';
import { type BackendType, isAnnounced } from '../backends/types.ts';
import {
  type FirstFile,
  firstFile,
  knownTexts,
  missingSettings,
  neededSecrets,
  settingNamed,
} from '../config/first-file.ts';
import { loadSettings } from '../config/load.ts';
import type { RawOptions } from '../config/types.ts';
import { SecretctlError, systemCode, unlessSystem } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { visible } from '../lib/text.ts';
import { DEFAULT_VARIABLE, loadPipelines, platformOf } from '../sources/index.ts';
import type { Pipeline } from '../sources/types.ts';

/** The name of the file that is written, in the working directory. */
export const FIRST_FILE = 'secretctl.yaml';

/** What the first configuration is to say; what is missing was found or asked for. */
export interface Beginning {
  readonly type: BackendType;
  readonly pipeline: Pipeline;
  /** Settings of the backend by flag. */
  readonly flags: RawOptions['flags'];
  /** `NAME=REF` each. */
  readonly secrets: readonly string[];
}

/** A file and the job that goes with it. */
export interface Begun {
  /** Text of the configuration. */
  readonly file: string;
  /** Text of the job. */
  readonly snippet: string;
  /** Variables that the job must have besides: the backend's secrets, which stand in no file. */
  readonly neededVariables: readonly string[];
  /** The file of the repository that the job belongs into; undefined where there is none. */
  readonly place: string | undefined;
}

/** The product that this environment's variables are of; undefined for none, or for several. */
export function detectBackend({ env }: Pick<Runtime, 'env'>): BackendType | undefined {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  const addressed = BACKENDS.filter(({ variables }) => variables.url?.some(isSet) === true);
  const found = addressed.length > 0 ? addressed : BACKENDS.filter((type) => isAnnounced(type, isSet));
  return found.length === 1 ? found[0] : undefined;
}

/** The CI whose job this is, or whose files lie in the working directory; undefined for none, or for several. */
export async function detectPipeline({ env, fs, host }: Runtime): Promise<Pipeline | undefined> {
  const pipelines = await loadPipelines();
  const here = platformOf(env)?.key;
  const running = pipelines.find(({ key }) => key === (here === 'act' ? 'github' : here));
  if (running !== undefined) return running;
  const isThere = (name: string): boolean => {
    return fs.statSync(path.join(host.cwd, name), { throwIfNoEntry: false }) !== undefined;
  };
  const used = pipelines.filter(({ files }) => files.some(isThere));
  return used.length === 1 ? used[0] : undefined;
}

/** What {@link usualAudience} goes by. */
export interface ForWhom extends Pick<Beginning, 'pipeline' | 'type'> {
  /** The backend's address, where it is known. */
  readonly url: URL | undefined;
}

/**
 * The audience of a job's tokens when nobody says: the only one that the CI has, else the one that the product expects, else
 * the backend's address. Undefined where that is anybody's choice, and where the backend takes no ID token.
 */
export function usualAudience({ pipeline, type, url }: ForWhom): string | undefined {
  if (type.algorithms.length === 0) return undefined;
  if (pipeline.audience !== 'chosen') return pipeline.audience.fixed;
  if (type.usualAudience !== undefined) return type.usualAudience;
  return type.defaultUrl === undefined ? url?.origin : undefined;
}

/** Flags without which there is nothing to write, and why; empty when all is known. */
export function missingFlags(beginning: Beginning, runtime: Runtime): readonly string[] {
  const { type, pipeline } = beginning;
  const whole = withAudience(beginning, runtime);
  const faults = missingSettings(type, knownTexts({ type, flags: whole }, runtime));
  const missing = faults.map(({ missing: key, what }) => `--${settingNamed(type, key)?.flag ?? key}: ${what}`);
  if (type.algorithms.length === 0 || pipeline.audience !== 'chosen' || whole.has('audience')) return missing;
  return [...missing, '--audience: what the backend expects in the ID token'];
}

/** Makes both texts. Writes nothing. */
export function begin({ type, pipeline, flags, secrets }: Beginning, runtime: Runtime): Begun {
  const whole = withAudience({ type, pipeline, flags }, runtime);
  const file: FirstFile = { type, flags: whole, secrets };
  const audience = type.algorithms.length === 0 ? undefined : (whole.get('audience')?.at(-1) ?? '');
  const known = knownTexts(file, runtime);
  const variable = flags.get('token-env')?.at(-1) ?? DEFAULT_VARIABLE;
  return {
    file: firstFile(file, known),
    neededVariables: neededSecrets(type, known),
    snippet: `${pipeline.write({ audience, variable }).join('\n')}\n`,
    place: pipeline.files[0],
  };
}

function withAudience({ type, pipeline, flags }: Omit<Beginning, 'secrets'>, runtime: Runtime): RawOptions['flags'] {
  if (flags.has('audience')) return flags;
  const audience = usualAudience({ pipeline, type, url: addressIn({ type, flags }, runtime) });
  return audience === undefined ? flags : new Map([...flags, ['audience', [audience]]]);
}

/** The backend's address, as far as it is known. */
export function addressIn({ type, flags }: Pick<Beginning, 'type' | 'flags'>, { env }: Runtime): URL | undefined {
  const variables = ['SECRETCTL_URL', ...(type.variables.url ?? [])];
  const found = variables.map((name) => env[name] ?? '').find((text) => text !== '');
  const text = flags.get('url')?.at(-1) ?? found ?? '';
  return URL.canParse(text) ? new URL(text) : undefined;
}

/**
 * Writes the configuration where there is none yet: whole, read back by the same loader that later commands use, or not at
 * all. Throws TARGET_UNSAFE (73) over anything that exists, what the loader finds wrong (78), and WRITE_FAILED (74).
 */
export async function writeFirstFile({ file, neededVariables }: Begun, runtime: Runtime): Promise<void> {
  const { fs, host } = runtime;
  const target = path.join(host.cwd, FIRST_FILE);
  const draft = path.join(host.cwd, `.${FIRST_FILE}.${runtime.random(8).toString('hex')}`);
  try {
    writing(() => fs.writeFileSync(draft, file, { flag: 'wx' }));
    await checkDraft(draft, neededVariables, runtime);
    // A link, unlike a renaming, replaces nothing that came in the meantime.
    writing(() => fs.linkSync(draft, target));
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** The file alone, as in a job that has nothing set but the backend's own secrets. */
async function checkDraft(draft: string, needed: readonly string[], runtime: Runtime): Promise<void> {
  const env = Object.fromEntries(needed.map((name) => [name, 'given later']));
  const raw = { command: 'login', arguments: [], flags: new Map([['config', [draft]]]) } as const;
  await loadSettings(raw, { ...runtime, env }, FIRST_FILE);
}

/** Whether the file is there already and says just that. */
export function isWritten({ file }: Begun, { fs, host }: Runtime): boolean {
  const target = path.join(host.cwd, FIRST_FILE);
  const stats = fs.lstatSync(target, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size !== Buffer.byteLength(file)) return false;
  return unlessSystem(() => fs.readFileSync(target, 'utf8')) === file;
}

/** Throws TARGET_UNSAFE (73) where the file is there already. */
export function refuseTarget({ fs, host }: Runtime): void {
  if (fs.lstatSync(path.join(host.cwd, FIRST_FILE), { throwIfNoEntry: false }) !== undefined) throw existing();
}

function existing(): SecretctlError {
  return new SecretctlError('TARGET_UNSAFE', `${FIRST_FILE} is here already, and is left as it is`, {
    hint: '--dry-run prints what would be written, and the job',
  });
}

function writing(work: () => void): void {
  try {
    work();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    if (code === 'EEXIST') throw existing();
    throw new SecretctlError('WRITE_FAILED', `${FIRST_FILE} could not be written (${visible(code)})`);
  }
}
