import { BACKENDS, backendType } from '../backends/index.ts';
import { type BackendType, isAnnounced } from '../backends/types.ts';
import { nearest, visible } from '../lib/text.ts';
import { backendSettings, type Configured } from './backend-settings.ts';
import { linkChains } from './chains.ts';
import type { Origin } from './faults.ts';
import { type Layers, said } from './layers.ts';
import { entriesOf, type FileNode, nodeAt, textOf } from './nodes.ts';
import { placed, type PlacedSetting, productPrefixes, productSettings, generalSettings, SETTINGS } from './settings.ts';
import type { BackendSettings } from './types.ts';

/** All backends and the one that is meant where nothing else is said. */
export interface Backends {
  /** Those whose settings are usable. */
  readonly all: readonly BackendSettings[];
  /** Those that are configured at all. */
  readonly names: readonly string[];
  readonly defaultBackend: string | undefined;
  /** The one that a flag or a variable names. */
  readonly chosenBackend: string | undefined;
}

/**
 * The backends of the file; without any there, those whose address the product's own variables or `--backend TYPE
 * --url URL` give. Faults go to `layers.faults`, without those that only follow from a block without a good type or
 * from `backends` being among the `doubtful` keys of the file; a variable, or its flag, that is `needless` of a
 * backend is no fault where there is none at all.
 */
export function readBackends(
  file: FileNode | undefined,
  layers: Layers,
  doubtful: ReadonlySet<string>,
  needless: ReadonlySet<string>,
): Backends {
  const { found, blocks, isUnclear } = described(file, layers, doubtful.has('backends'));
  const { chosen, isFaulty } = choose(found, file, layers, isUnclear);
  const all = chosen?.isNew === true ? [...found, chosen.backend] : found;
  const meant = chosen?.backend ?? (all.length === 1 ? all[0] : undefined);
  if (!isFaulty) reportUnmeant(all, meant, layers, needless);
  const read = all.map((backend) =>
    backendSettings(
      backend,
      { isMeant: backend === meant, ownMeant: backend === ownMeant(backend.type, all, meant) },
      layers,
    ),
  );
  const settings = read.map((one) => one.settings).filter((one) => one !== undefined);
  const words = read.flatMap((one) => one.chainWords);
  const names = [...new Set([...all.map((backend) => backend.name), ...blocks])];
  // Where a faulty block may be the one that is meant, references are not blamed for naming none.
  const defaultBackend = meant?.name ?? (isUnclear ? names[0] : undefined);
  return {
    all: linkChains(settings, words, { backends: names, defaultBackend }, layers.faults),
    names,
    defaultBackend,
    chosenBackend: chosen?.isOfThisRun === true ? chosen.backend.name : undefined,
  };
}

interface Described {
  readonly found: readonly Configured[];
  /** Names of the file's blocks, those that are no use included. */
  readonly blocks: readonly string[];
  /** Whether there may be more than was found. */
  readonly isUnclear: boolean;
}

function described(file: FileNode | undefined, layers: Layers, isDoubtful: boolean): Described {
  const blocks = entriesOf(nodeAt(file, ['backends'])).map(([name]) => name);
  if (isDoubtful && blocks.length === 0) return { found: [], blocks, isUnclear: true };
  const found = configured(file, layers);
  return { found, blocks, isUnclear: isDoubtful || found.length < blocks.length };
}

function configured(file: FileNode | undefined, layers: Layers): Configured[] {
  const blocks = entriesOf(nodeAt(file, ['backends'])).flatMap(([name, { value }]): Configured[] => {
    const type = backendType(textOf(nodeAt(value, ['type'])) ?? '');
    return type === undefined ? [] : [{ name, type, block: value }];
  });
  if (entriesOf(nodeAt(file, ['backends'])).length > 0) return blocks;
  const addressed = BACKENDS.filter((type) => isSet(type.variables.url, layers));
  const types =
    addressed.length > 0 ? addressed : BACKENDS.filter((type) => isAnnounced(type, (name) => isSet([name], layers)));
  return types.map((type) => ({ name: type.type, type, block: undefined }));
}

function isSet(variables: readonly string[] | undefined, { env }: Layers): boolean {
  return (variables ?? []).some((name) => env[name] !== undefined && env[name] !== '');
}

/** What is chosen, if anything; faulty where that is none, which was said. */
interface Choosing {
  readonly chosen?: Choice;
  readonly isFaulty: boolean;
}

interface Choice {
  readonly backend: Configured;
  /** Not configured otherwise: `--backend TYPE` with an address. */
  readonly isNew: boolean;
  /** Said by a flag or a variable, not by the file. */
  readonly isOfThisRun: boolean;
}

/** The backend that `--backend`, its variable or `default-backend` names. */
function choose(
  found: readonly Configured[],
  file: FileNode | undefined,
  layers: Layers,
  isUnclear: boolean,
): Choosing {
  const choice = said(SETTINGS.backend.parser, placed('backend'), { block: file, isMeant: true }, layers);
  if (choice?.value === undefined) return { isFaulty: isUnclear };
  const isOfThisRun = choice.level !== 'file';
  const named = found.find((backend) => backend.name === choice.value);
  if (named !== undefined) return { chosen: { backend: named, isNew: false, isOfThisRun }, isFaulty: isUnclear };
  const type = backendType(choice.value);
  const ofType = found.filter((backend) => backend.type === type);
  const [only] = ofType;
  if (only !== undefined && ofType.length === 1)
    return { chosen: { backend: only, isNew: false, isOfThisRun }, isFaulty: isUnclear };
  if (ofType.length > 1) {
    layers.faults.add(choice.origin, `${subject(choice.origin)}means several backends: ${namesOf(ofType)}`);
    return { isFaulty: true };
  }
  if (type !== undefined && hasAddress(type, layers))
    return {
      chosen: { backend: { name: type.type, type, block: undefined }, isNew: true, isOfThisRun },
      isFaulty: isUnclear,
    };
  if (isUnclear) return { isFaulty: isUnclear };
  layers.faults.add(choice.origin, `${subject(choice.origin)}${notThere(choice.value, type, found)}`);
  return { isFaulty: true };
}

function hasAddress(type: BackendType, layers: Layers): boolean {
  if (type.defaultUrl !== undefined || layers.flags.has('url')) return true;
  return isSet([placed('url').variable, ...(type.variables.url ?? [])], layers);
}

function notThere(name: string, type: BackendType | undefined, found: readonly Configured[]): string {
  if (type !== undefined) {
    const [variable] = type.variables.url ?? [];
    const ways = ['--url', ...(variable === undefined ? [] : [variable])].join(' or ');
    return `names a product without an address: say where it is with ${ways}`;
  }
  const known = [...found.map((backend) => backend.name), ...BACKENDS.map((backend) => backend.type)];
  const meant = nearest(name, known);
  const hint =
    meant === undefined
      ? `there are: ${[...new Set(known)].map(visible).join(', ')}`
      : `did you mean "${visible(meant)}"?`;
  return `names no backend; ${hint}`;
}

/** In the file the message names the key; flags and variables are named by their place already. */
function subject(origin: Origin): string {
  return origin.kind === 'file' ? 'default-backend ' : '';
}

/** The one backend that a product's own flags and variables mean. */
function ownMeant(
  type: BackendType,
  all: readonly Configured[],
  meant: Configured | undefined,
): Configured | undefined {
  if (meant?.type === type) return meant;
  const ofType = all.filter((backend) => backend.type === type);
  return ofType.length === 1 ? ofType[0] : undefined;
}

/** Flags and variables that are meant for one backend when it is not clear for which, or when there is none. */
function reportUnmeant(
  all: readonly Configured[],
  meant: Configured | undefined,
  layers: Layers,
  needless: ReadonlySet<string>,
): void {
  if (meant === undefined) {
    const common = generalSettings().filter(
      (setting) => setting.area === 'backend' && !(all.length === 0 && needless.has(setting.variable)),
    );
    const phrase =
      all.length === 0
        ? `needs a backend to belong to: say --backend TYPE (${BACKENDS.map((one) => one.type).join(', ')})`
        : `may mean any of ${namesOf(all)}: say which with --backend`;
    reportSaid(common, phrase, layers);
  }
  for (const type of BACKENDS) {
    if (ownMeant(type, all, meant) !== undefined || !isSpokenOf(type, layers)) continue;
    const ofType = all.filter((backend) => backend.type === type);
    if (ofType.length > 1)
      reportSaid(productSettings(type.type), `may mean any of ${namesOf(ofType)}: say which with --backend`, layers);
    else
      reportSaid(productSettings(type.type), `is for a backend of type ${type.type}, and none is configured`, {
        ...layers,
        env: {},
      });
  }
}

/** Whether any flag or variable begins like those of this product: there are many products, and a run is about one. */
function isSpokenOf({ type }: BackendType, { flags, env }: Layers): boolean {
  const { flag, variable } = productPrefixes(type);
  return (
    [...flags.keys()].some((name) => name.startsWith(flag)) ||
    Object.keys(env).some((name) => name.startsWith(variable))
  );
}

function reportSaid(settings: readonly PlacedSetting[], phrase: string, layers: Layers): void {
  for (const { flag, variable } of settings) {
    if (flag !== undefined && layers.flags.has(flag)) layers.faults.add({ kind: 'flag', name: flag }, phrase);
    else if (isSet([variable], layers)) layers.faults.add({ kind: 'variable', name: variable }, phrase);
  }
}

function namesOf(backends: readonly Configured[]): string {
  return backends.map((backend) => visible(backend.name)).join(', ');
}
