import { backendType } from '../backends/index.ts';
import { findConfiguration, readTextFile, shownPath } from '../config/discover.ts';
import { gatherFaults } from '../config/faults.ts';
import { entriesOf, type FileNode, nodeAt, textOf } from '../config/nodes.ts';
import { SecretctlError } from '../lib/errors.ts';
import { variableName } from '../lib/parsers.ts';
import type { Runtime } from '../lib/runtime.ts';
import { SettingFault } from '../lib/settings.ts';

/** What a rehearsal needs to know of the configuration that its command will find. */
export interface FoundConfiguration {
  /**
   * `made` where there is none. A real address in it would take the command past the rehearsal, so it is `overruled`;
   * any other, one that cannot be read among them, is the command's `own` matter.
   */
  readonly configuration: 'made' | 'overruled' | 'own';
  /** The variable in which the rehearsed product's backend looks for the ID token, where the file says that. */
  readonly tokenVariable: string | undefined;
  /** Whether the file names further addresses of a backend. */
  readonly hasFallback: boolean;
}

const UNTOLD = { tokenVariable: undefined, hasFallback: false } as const;

/** Looks for the configuration as the command will; `product` is the rehearsed one. */
export async function findForRehearsal(product: string, runtime: Runtime): Promise<FoundConfiguration> {
  const named = runtime.env['SECRETCTL_CONFIG'];
  const file = findConfiguration(named === '' ? undefined : named, runtime);
  if (file === undefined) return { configuration: 'made', ...UNTOLD };
  try {
    const blocks = backendBlocks(await readYamlFile(file, runtime), runtime.env['SECRETCTL_PROFILE']);
    return {
      configuration: blocks.some(([, block]) => isReal(block)) ? 'overruled' : 'own',
      tokenVariable: tokenVariableOf(product, blocks),
      hasFallback: blocks.some(([, block]) => nodeAt(block, ['fallback-url']) !== undefined),
    };
  } catch (error) {
    // The command says what is wrong with its configuration.
    if (error instanceof SecretctlError) return { configuration: 'own', ...UNTOLD };
    throw error;
  }
}

/** The tree of a YAML file. Throws CONFIG_MISSING, CONFIG_INVALID with every fault, CONFIG_TOO_BIG. */
export async function readYamlFile(file: string, runtime: Runtime): Promise<FileNode | undefined> {
  const shown = shownPath(file, runtime);
  const faults = gatherFaults(shown);
  const { readYaml } = await import('../config/yaml-file.ts');
  const node = readYaml(readTextFile(file, runtime), faults, shown);
  faults.settle();
  return node;
}

type BackendBlock = readonly [name: string, block: FileNode];

/** Every one that the file and its profiles have: those of the chosen profile first, then the file's own. */
function backendBlocks(file: FileNode | undefined, chosen: string | undefined): readonly BackendBlock[] {
  const profiles = entriesOf(nodeAt(file, ['profiles']));
  const isChosen = ([name]: (typeof profiles)[number]): boolean => name === chosen;
  const places = [...profiles.filter(isChosen), ...profiles.filter((one) => !isChosen(one))].map(
    ([, one]) => one.value,
  );
  const ordered = chosen === undefined ? [file, ...places] : [...places.slice(0, 1), file, ...places.slice(1)];
  return ordered.flatMap((place) =>
    entriesOf(nodeAt(place, ['backends'])).map(([name, { value }]): BackendBlock => [name, value]),
  );
}

function tokenVariableOf(product: string, blocks: readonly BackendBlock[]): string | undefined {
  const names = new Set(blocks.filter(([, one]) => textOf(nodeAt(one, ['type'])) === product).map(([name]) => name));
  return blocks
    .filter(([name]) => names.has(name))
    .map(([, block]) => textOf(nodeAt(block, ['token', 'env'])))
    .find((variable) => variable !== undefined && isVariableName(variable));
}

function isVariableName(text: string): boolean {
  try {
    variableName.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SettingFault) return false;
    throw error;
  }
}

/** By its address, or by that of its product. A recipe is what the command wants to try, and replaced by none. */
function isReal(block: FileNode): boolean {
  const url = textOf(nodeAt(block, ['url']));
  if (url !== undefined) return isRealAddress(url);
  const type = backendType(textOf(nodeAt(block, ['type'])) ?? '');
  return type?.defaultUrl !== undefined && nodeAt(block, ['recipe']) === undefined;
}

/** A wrong address is left as it is: the command has to refuse it. */
function isRealAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hostname } = new URL(text);
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  return protocol === 'https:' && username === '' && password === '' && !isLocal;
}
