import path from 'node:path';
import { BACKENDS } from '../backends/index.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Parser } from '../lib/settings.ts';
import { nearest, visible } from '../lib/text.ts';
import { type Backends, readBackends } from './backends.ts';
import { childSettings } from './child-settings.ts';
import { checkFile, namesIn } from './check-file.ts';
import { readDocuments } from './documents.ts';
import { findConfiguration, readTextFile, shownPath } from './discover.ts';
import { type Faults, gatherFaults } from './faults.ts';
import { fetches, filterSettings, withNames } from './filter-settings.ts';
import { heeded } from './heeded.ts';
import { type Layers, said } from './layers.ts';
import { type FileNode, nodeAt } from './nodes.ts';
import { outputPlaces } from './output-file.ts';
import { overlaid } from './profiles.ts';
import { mistakenNames, readSecrets, withEnvironment } from './secrets.ts';
import { placed, type SettingName, SETTINGS } from './settings.ts';
import { jobToken, WITHOUT_BACKEND } from './token-settings.ts';
import { type Heard, standingWords, unreadWords } from './unread.ts';
import { readTree } from './tree.ts';
import type {
  GeneralSettings,
  JobToken,
  NamingSettings,
  OutputSettings,
  RawOptions,
  SecretRequest,
  Settings,
} from './types.ts';

/**
 * Flags, `SECRETCTL_` variables, the file with its profile, the products' own variables and the defaults, in this
 * order of strength, as one frozen object; for `logout` and `token` it may name no backend. Throws one SecretctlError that
 * lists every fault: with the one reason that all of them share, else CONFIG_INVALID (78), or USAGE (64) when all are the command line's; CONFIG_MISSING (78)
 * when no backend is configured at all; CONFIG_TOO_BIG (78) for a file that is not worth reading. `shownAs` is what messages
 * call the file, where that is not its own name.
 */
export async function loadSettings(raw: RawOptions, runtime: Runtime, shownAs?: string): Promise<Settings> {
  const found = findConfiguration(configFlag(raw, runtime), runtime);
  const shown = found === undefined ? undefined : (shownAs ?? shownPath(found, runtime));
  const faults = gatherFaults(shown);
  const layers: Layers = {
    flags: raw.flags,
    env: heeded(runtime.env),
    faults,
    cwd: runtime.host.cwd,
    fileDirectory: found === undefined ? undefined : path.dirname(found),
  };
  const { file, doubtful } =
    found === undefined ? withoutFile(layers) : await readFile(found, shown ?? found, layers, runtime);
  const general = generalSettings(file, layers);
  const output = outputSettings(file, layers, runtime);
  const documents = await readDocuments(file, layers, runtime);
  const backends = readBackends(file, { ...layers, documents }, doubtful, needlessOf(raw));
  const bare = backends.names.length === 0 ? bareToken(raw, layers) : undefined;
  const child = childSettings(file, layers);
  const filter = filterSettings(raw, file, layers);
  const env = raw.command === 'run' && child.resolveEnv ? runtime.env : {};
  const known = { backends, doubtful, naming: output.naming, env };
  const isFetching = fetches(raw, filter);
  const secrets =
    backends.names.length === 0 || !isFetching ? [] : askedFor(withNames(raw, filter), file, known, faults);
  const unread = unreadWords(heard(found, backends, layers), runtime);
  faults.settle(unread);
  if (isFetching) refuseNothing(raw, backends, shown, [...unread, ...standingWords(runtime)]);
  return deeplyFrozen({
    general,
    backends: backends.all,
    jobToken: bare,
    defaultBackend: backends.defaultBackend,
    chosenBackend: backends.chosenBackend,
    secrets,
    output,
    child,
    filter,
    configFile: found,
    warnings: [...unread, ...mistakenNames(raw.arguments, file)],
  });
}

/** Settings of a backend that mean something to this command where there is none. */
function needlessOf({ command }: RawOptions): ReadonlySet<string> {
  return command === 'token' ? WITHOUT_BACKEND : new Set();
}

function bareToken({ command }: RawOptions, layers: Layers): JobToken | undefined {
  return command === 'token' ? jobToken(layers) : undefined;
}

function refuseNothing(
  { command }: RawOptions,
  { all }: Backends,
  shown: string | undefined,
  unread: readonly string[],
): void {
  if (all.length === 0 && command !== 'logout' && command !== 'token') throw nothingConfigured(shown, unread);
}

function configFlag(raw: RawOptions, { env, host }: Runtime): string | undefined {
  const faults = gatherFaults(undefined);
  const layers: Layers = { flags: raw.flags, env, faults, cwd: host.cwd, fileDirectory: undefined };
  const word = said(SETTINGS.config.parser, placed('config'), { isMeant: true }, layers);
  faults.settle();
  return word?.value;
}

/** What was found and which variables hold tokens. */
function heard(file: string | undefined, { all }: Backends, { flags, env }: Layers): Heard {
  const { flag = '', variable } = placed('token-env');
  return {
    file,
    isNamed: flags.has('config') || (env[placed('config').variable] ?? '') !== '',
    tokenVariables: [...all.map((backend) => backend.token.env), ...(flags.get(flag) ?? []), env[variable]],
  };
}

/** The tree of the file, and the keys that its faults leave in doubt. */
interface Tree {
  readonly file: FileNode | undefined;
  readonly doubtful: ReadonlySet<string>;
}

/** The file, checked, with the chosen profile over it. What is not even YAML ends here. */
async function readFile(file: string, shown: string, layers: Layers, runtime: Runtime): Promise<Tree> {
  const { faults } = layers;
  const text = readTextFile(file, runtime);
  const tree = await readTree(text, faults, shown);
  if (tree === undefined) {
    faults.settle();
    return { file: undefined, doubtful: new Set() };
  }
  const doubtful = checkFile(tree, faults);
  return { file: tree.kind === 'map' ? withProfile(tree, layers) : tree, doubtful };
}

function withoutFile(layers: Layers): Tree {
  const choice = said(SETTINGS.profile.parser, placed('profile'), { isMeant: true }, layers);
  if (choice !== undefined) layers.faults.add(choice.origin, 'needs a configuration file, and there is none');
  return { file: undefined, doubtful: new Set() };
}

function withProfile(tree: Extract<FileNode, { kind: 'map' }>, layers: Layers): FileNode {
  const choice = said(SETTINGS.profile.parser, placed('profile'), { isMeant: true }, layers);
  if (choice?.value === undefined) return tree;
  const profile = nodeAt(tree, ['profiles', choice.value]);
  if (profile !== undefined) return overlaid(tree, profile);
  const names = namesIn(nodeAt(tree, ['profiles']));
  const meant = nearest(choice.value, names);
  const there = names.length === 0 ? 'there is none' : `there are: ${names.map(visible).join(', ')}`;
  const hint = meant === undefined ? there : `did you mean "${visible(meant)}"?`;
  layers.faults.add(choice.origin, `names no profile of the configuration; ${hint}`);
  return tree;
}

type Read = <T>(name: SettingName, parser: Parser<T>) => T | undefined;

function reader(file: FileNode | undefined, layers: Layers): Read {
  return (name, parser) => said(parser, placed(name), { block: file, isMeant: true }, layers)?.value;
}

function generalSettings(file: FileNode | undefined, layers: Layers): GeneralSettings {
  const read = reader(file, layers);
  return {
    timeoutMs: read('timeout', SETTINGS.timeout.parser) ?? SETTINGS.timeout.default,
    errorFormat: read('error-format', SETTINGS['error-format'].parser) ?? SETTINGS['error-format'].default,
    quiet: read('quiet', SETTINGS.quiet.parser) ?? SETTINGS.quiet.default,
    debug: read('debug', SETTINGS.debug.parser) ?? SETTINGS.debug.default,
    dryRun: read('dry-run', SETTINGS['dry-run'].parser) ?? SETTINGS['dry-run'].default,
    cache: !(read('no-cache', SETTINGS['no-cache'].parser) ?? SETTINGS['no-cache'].default),
    cacheDir: read('cache-dir', SETTINGS['cache-dir'].parser),
    allowUnsafeRuntime:
      read('allow-unsafe-runtime', SETTINGS['allow-unsafe-runtime'].parser) ?? SETTINGS['allow-unsafe-runtime'].default,
    maxAnswerBytes:
      read('max-answer-bytes', SETTINGS['max-answer-bytes'].parser) ?? SETTINGS['max-answer-bytes'].default,
  };
}

function outputSettings(file: FileNode | undefined, layers: Layers, runtime: Runtime): OutputSettings {
  const read = reader(file, layers);
  const isOn = (
    name:
      | 'allow-plaintext-artifact'
      | 'require-nonempty'
      | 'strict'
      | 'discard'
      | 'print-plaintext-to-log'
      | 'shell-trace-is-off',
  ): boolean => read(name, SETTINGS[name].parser) ?? SETTINGS[name].default;
  return {
    ...outputPlaces(file, layers, runtime),
    pathSuffix: read('path-suffix', SETTINGS['path-suffix'].parser) ?? SETTINGS['path-suffix'].default,
    encode: read('encode', SETTINGS.encode.parser),
    naming: {
      prefix: read('prefix', SETTINGS.prefix.parser) ?? '',
      keepsCase: read('keep-case', SETTINGS['keep-case'].parser) ?? SETTINGS['keep-case'].default,
    },
    printPlaintextToLog: isOn('print-plaintext-to-log'),
    shellTraceIsOff: isOn('shell-trace-is-off'),
    requireNonempty: isOn('require-nonempty'),
    strict: isOn('strict'),
    discard: isOn('discard'),
    allowPlaintextArtifact: isOn('allow-plaintext-artifact'),
    reportLimits: {
      bytes: read('report-bytes', SETTINGS['report-bytes'].parser) ?? SETTINGS['report-bytes'].default,
      variables: read('report-variables', SETTINGS['report-variables'].parser) ?? SETTINGS['report-variables'].default,
    },
    allowEnvNames: read('allow-env-name', SETTINGS['allow-env-name'].parser) ?? SETTINGS['allow-env-name'].default,
  };
}

/** What is known when the references are read. */
interface Known {
  readonly backends: Backends;
  readonly doubtful: ReadonlySet<string>;
  readonly naming: NamingSettings;
  /** Variables that may hold references. */
  readonly env: Runtime['env'];
}

/** A command that fetches nothing takes no references; the configured ones are looked at all the same. */
function askedFor(
  raw: RawOptions,
  file: FileNode | undefined,
  { backends, doubtful, naming, env }: Known,
  faults: Faults,
): readonly SecretRequest[] {
  const context = { backends: backends.names, defaultBackend: backends.defaultBackend, naming };
  const secrets = withEnvironment(readSecrets(raw.arguments, file, context, faults), env, context, faults);
  if (raw.command === 'policy') return secrets;
  if (!['fetch', 'run', 'mask'].includes(raw.command)) return [];
  const isNothing = secrets.length === 0 && raw.arguments.length === 0;
  if (isNothing && !doubtful.has('secrets') && namesIn(nodeAt(file, ['secrets'])).length === 0) {
    faults.add(undefined, 'no secret was asked for', 'USAGE', [
      `secretctl ${raw.command} NAME=path/of/the/secret${raw.command === 'run' ? ' -- COMMAND' : ''}`,
      'or list them under "secrets:" in secretctl.yaml',
    ]);
  }
  return secrets;
}

function nothingConfigured(shown: string | undefined, unread: readonly string[]): SecretctlError {
  const types = BACKENDS.map(({ type }) => type).join(', ');
  const where =
    shown === undefined ? 'there is no secretctl.yaml here or above' : `${visible(shown)} has no "backends:"`;
  return new SecretctlError(
    'CONFIG_MISSING',
    `no backend is configured: ${where}, and no product's variables are set`,
    {
      hint: [
        ...unread,
        '`secretctl init` writes a first secretctl.yaml; --config names a file that is elsewhere',
        `or say --backend TYPE and its settings, or set its own clients' variables: \`secretctl help TYPE\` has both (${types})`,
        'or rehearse, without any: secretctl dev exec -- secretctl fetch',
      ],
    },
  );
}

/** Objects and lists all the way down; a `URL` is neither. */
function deeplyFrozen<T>(value: T): T {
  if (
    typeof value === 'object' &&
    value !== null &&
    (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)
  ) {
    for (const inner of Object.values(value)) deeplyFrozen(inner);
    Object.freeze(value);
  }
  return value;
}
