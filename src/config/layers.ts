import path from 'node:path';
import type { Parser, TreeReport } from '../lib/settings.ts';
import { settingValue } from './check-file.ts';
import type { Documents } from './documents.ts';
import { type Faults, type Origin, parsed } from './faults.ts';
import { type FileNode, nodeAt } from './nodes.ts';
import type { PlacedSetting } from './settings.ts';
import type { RawOptions } from './types.ts';

/** Everything that says settings, and who hears about faults. */
export interface Layers {
  readonly flags: RawOptions['flags'];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly faults: Faults;
  readonly cwd: string;
  /** Where the configuration file is: its relative paths begin there. */
  readonly fileDirectory: string | undefined;
  /** What settings name that are documents; without it, they name nothing. */
  readonly documents?: Documents;
}

/** Where one setting is looked for. */
export interface Place {
  /** The block of the file that may hold it. */
  readonly block?: FileNode | undefined;
  /** Whether the flag and the `SECRETCTL_` variable mean this block. */
  readonly isMeant: boolean;
  /** The product's own variables, first one set wins. */
  readonly variables?: readonly string[] | undefined;
}

/** Who said it, strongest first: flag, `SECRETCTL_` variable, file, the product's own variable. */
type Level = 'flag' | 'variable' | 'file' | 'product';

const LEVELS: readonly Level[] = ['flag', 'variable', 'file', 'product'];

/** What was said; `value` is undefined when it was wrong, which the faults know already. */
export interface Said<T> {
  readonly level: Level;
  readonly origin: Origin;
  /** The setting it was said of. */
  readonly setting: PlacedSetting;
  readonly value: T | undefined;
}

/**
 * The strongest word on a setting; undefined when nobody says anything. An empty variable says nothing: that is what
 * a CI makes of a variable that is not there.
 */
export function said<T>(parser: Parser<T>, setting: PlacedSetting, place: Place, layers: Layers): Said<T> | undefined {
  return (
    (place.isMeant
      ? (saidByFlag(parser, setting, layers) ?? saidByVariable(parser, setting, 'variable', layers))
      : undefined) ??
    saidByFile(parser, setting, place, layers) ??
    saidByProduct(parser, setting, place, layers)
  );
}

function saidByFlag<T>(parser: Parser<T>, setting: PlacedSetting, layers: Layers): Said<T> | undefined {
  const values = setting.flag === undefined ? undefined : layers.flags.get(setting.flag);
  if (setting.flag === undefined || values === undefined || values.length === 0) return undefined;
  const origin: Origin = { kind: 'flag', name: setting.flag };
  const report: Report = (message, reason) => layers.faults.add(origin, message, reason);
  if (parser.isList !== true && new Set(values).size > 1) {
    report('is given more than once');
    return { level: 'flag', origin, setting, value: undefined };
  }
  const text = parser.isList === true ? values.join(',') : (values[0] ?? '');
  return {
    level: 'flag',
    origin,
    setting,
    value: valueOf(parser, text, { report, directory: layers.cwd, setting }, layers),
  };
}

type Report = (message: string, reason?: Parameters<Faults['add']>[2]) => void;

function saidByVariable<T>(
  parser: Parser<T>,
  setting: PlacedSetting,
  level: 'variable' | 'product',
  layers: Layers,
): Said<T> | undefined {
  const text = layers.env[setting.variable];
  if (text === undefined || text === '') return undefined;
  const origin: Origin = { kind: 'variable', name: setting.variable };
  const report: Report = (message, reason) => layers.faults.add(origin, message, reason);
  const value = valueOf(parser, text, { report, directory: layers.cwd, setting }, layers);
  return { level, origin, setting, value };
}

/** What is wrong with the file was said when it was checked. */
function saidByFile<T>(parser: Parser<T>, setting: PlacedSetting, place: Place, layers: Layers): Said<T> | undefined {
  const node = setting.file === undefined ? undefined : nodeAt(place.block, setting.file);
  if (node === undefined) return undefined;
  const origin: Origin = { kind: 'file', at: node.at };
  if (parser.tree !== undefined)
    return { level: 'file', origin, setting, value: treeInFile(parser, node, setting, layers) };
  const read = settingValue(node, parser, () => undefined);
  const isPath = parser.isPath === true && typeof read === 'string';
  const value = isPath ? parser.parse(fromDirectory(read, layers)) : read;
  return { level: 'file', origin, setting, value };
}

/** How a text is read. */
interface Reading {
  readonly report: Report;
  /** Where its relative paths begin. */
  readonly directory: string;
  readonly setting: PlacedSetting;
}

/** The value of a text; of a document, that of what the text names, whose faults were said when it was looked for. */
function valueOf<T>(
  parser: Parser<T>,
  text: string,
  { report, directory, setting }: Reading,
  layers: Layers,
): T | undefined {
  if (parser.tree?.ready === undefined) return parsed(parser, text, report);
  const document = layers.documents?.named(text, directory);
  return document && parser.tree.read(document.tree, treeReport(setting, layers), document.ready);
}

/** A block, or a text that stands for one. */
function treeInFile<T>(parser: Parser<T>, node: FileNode, setting: PlacedSetting, layers: Layers): T | undefined {
  if (node.kind === 'map') return parser.tree?.read(node, treeReport(setting, layers));
  if (node.kind !== 'scalar' || node.value === null) return undefined;
  const report: Report = (message, reason) => {
    layers.faults.add({ kind: 'file', at: node.at }, `${setting.file?.join('.')} ${message}`, reason);
  };
  const directory = layers.fileDirectory ?? layers.cwd;
  return valueOf(parser, node.source, { report, directory, setting }, layers);
}

function treeReport({ file }: PlacedSetting, { faults }: Layers): TreeReport {
  return (at, message) =>
    faults.add({ kind: 'file', at }, `${at.file === undefined ? `${file?.join('.')}: ` : ''}${message}`);
}

function fromDirectory(file: string, { fileDirectory, cwd }: Layers): string {
  return fileDirectory === undefined || fileDirectory === cwd ? file : path.resolve(fileDirectory, file);
}

function saidByProduct<T>(
  parser: Parser<T>,
  setting: PlacedSetting,
  place: Place,
  layers: Layers,
): Said<T> | undefined {
  for (const variable of place.variables ?? []) {
    const found = saidByVariable(parser, { ...setting, variable }, 'product', layers);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Of settings that are alternatives, the one that is said most strongly. Two of the same strength are a fault, except
 * the product's own variables, of which the first counts.
 */
export function strongest<T>(alternatives: readonly (Said<T> | undefined)[], faults: Faults): Said<T> | undefined {
  const given = alternatives.filter((one) => one !== undefined).filter((one) => one.value !== false);
  const level = LEVELS.find((candidate) => given.some((one) => one.level === candidate));
  const [first, second] = given.filter((one) => one.level === level);
  if (first !== undefined && second !== undefined && level !== 'product') {
    // Of a flag and of a variable the place is the name.
    const before = second.level === 'file' ? `${nameOf(second)} and` : 'and';
    faults.add(second.origin, `${before} ${nameOf(first)} exclude each other; say one of them`);
  }
  return first;
}

function nameOf({ level, setting }: Said<unknown>): string {
  if (level === 'flag') return `--${setting.flag}`;
  return level === 'file' ? `"${setting.file?.join('.')}"` : setting.variable;
}
