import type { BackendType, MissingSetting } from '../backends/types.ts';
import type { Runtime } from '../lib/runtime.ts';
import { SettingFault } from '../lib/settings.ts';
import { generalSettings, type PlacedSetting, productSettings } from './settings.ts';
import type { RawOptions } from './types.ts';

/** What the first configuration of a repository is made of. */
export interface FirstFile {
  readonly type: BackendType;
  /** Texts by flag, as the command line has them. */
  readonly flags: RawOptions['flags'];
  /** `NAME=REF` each. */
  readonly secrets: readonly string[];
}

/** What is known already about a setting, as the texts of its value; empty when nothing is. */
export type Known = (setting: PlacedSetting) => readonly string[];

/**
 * What flags say, and the variables that a product's own clients use too: whoever has set those need not be asked. Never a
 * secret, which stands in no file.
 */
export function knownTexts({ type, flags }: Pick<FirstFile, 'type' | 'flags'>, { env }: Pick<Runtime, 'env'>): Known {
  return ({ flag, variable, row, type: own, file }) => {
    const said = flag === undefined ? undefined : flags.get(flag);
    if (said !== undefined) return said;
    const isAddress = own === undefined && file?.join() === 'url';
    if (row.parser.isSecret === true || (own === undefined && !isAddress)) return [];
    const variables = [variable, ...((isAddress ? type.variables.url : row.variables) ?? [])];
    const found = variables.map((name) => env[name] ?? '').find((text) => text !== '');
    return found === undefined ? [] : [found];
  };
}

/** The file, as text. What it says is not judged here. */
export function firstFile({ type, secrets }: FirstFile, known: Known): string {
  const rows = fileSettings(type).flatMap((setting) => {
    const texts = known(setting);
    return texts.length === 0 ? [] : [{ keys: setting.file ?? [], value: yamlValue(texts, setting) }];
  });
  const plain = rows.filter(({ keys }) => keys.length === 1).map(({ keys, value }) => `    ${keys[0]}: ${value}`);
  const token = rows.filter(({ keys }) => keys[0] === 'token').map(({ keys, value }) => `      ${keys[1]}: ${value}`);
  return `${[
    `# secretctl help ${type.type} lists every setting of this backend.`,
    'backends:',
    `  ${type.type}:`,
    `    type: ${type.type}`,
    ...plain,
    ...(token.length === 0 ? [] : ['    token:', ...token]),
    ...secretLines(secrets),
  ].join('\n')}\n`;
}

/** What the product needs and nobody has said; what no file may hold is given when the job runs. */
export function missingSettings(type: BackendType, known: Known): readonly MissingSetting[] {
  return needs(type, known).missing;
}

/** Variables of the settings that the product needs and that stand in no file. */
export function neededSecrets(type: BackendType, known: Known): readonly string[] {
  return needs(type, known).secrets.map(({ variable }) => variable);
}

interface Needs {
  readonly missing: readonly MissingSetting[];
  readonly secrets: readonly PlacedSetting[];
}

/** A secret that is needed is taken for given: only then can be seen what else is. */
function needs(type: BackendType, known: Known, secrets: readonly PlacedSetting[] = []): Needs {
  const faults = faultsOf(type, known, secrets);
  const needed = faults.flatMap(({ missing }) => settingNamed(type, missing) ?? []);
  const more = needed.filter(({ row, variable }) => {
    return row.parser.isSecret === true && !secrets.some((one) => one.variable === variable);
  });
  return more.length === 0 ? { missing: faults, secrets } : needs(type, known, [...secrets, ...more]);
}

function faultsOf(type: BackendType, known: Known, secrets: readonly PlacedSetting[]): readonly MissingSetting[] {
  const given = new Set(secrets.map(({ variable }) => variable));
  const values = Object.fromEntries(
    productSettings(type.type).map((setting) => [
      setting.file?.join('.') ?? '',
      parsedOr(setting, given.has(setting.variable) ? ['given later'] : known(setting)),
    ]),
  );
  const address = settingNamed(type, 'url');
  const said = address === undefined ? undefined : parsedOr(address, known(address));
  const url = said instanceof URL ? said : type.defaultUrl?.(values);
  if (url === undefined) return [{ missing: 'url', what: 'the address of the backend' }];
  const faults = url instanceof URL ? type.check(url, values) : [url];
  return faults.filter((fault) => typeof fault !== 'string');
}

/** The setting of that file key, of the product or of every backend. */
export function settingNamed(type: BackendType, key: string): PlacedSetting | undefined {
  return fileSettings(type).find(({ file }) => file?.join('.') === key);
}

function fileSettings(type: BackendType): readonly PlacedSetting[] {
  const common = generalSettings().filter(({ area, file }) => area === 'backend' && file !== undefined);
  return [...common.filter((one) => !isToken(one)), ...productSettings(type.type), ...common.filter(isToken)];
}

function isToken({ file }: PlacedSetting): boolean {
  return file?.[0] === 'token';
}

/** The value, or the default where there is none or a wrong one, which the loader says. */
function parsedOr({ row }: PlacedSetting, texts: readonly string[]): unknown {
  if (texts.length === 0) return row.default;
  try {
    return row.parser.parse(texts.join(','));
  } catch (error) {
    if (error instanceof SettingFault) return row.default;
    throw error;
  }
}

function secretLines(secrets: readonly string[]): readonly string[] {
  if (secrets.length === 0) return ['# secrets:', '#   DB_PASSWORD: path/of/the/secret'];
  return [
    'secrets:',
    ...secrets.map((word) => {
      const at = word.indexOf('=');
      return `  ${word.slice(0, at)}: ${scalar(word.slice(at + 1))}`;
    }),
  ];
}

function yamlValue(texts: readonly string[], { row }: PlacedSetting): string {
  const { parser } = row;
  if (parser.tree !== undefined && parser.tree.ready === undefined) return block(texts);
  if (parser.isList === true)
    return `[${texts
      .flatMap((text) => text.split(','))
      .map((one) => scalar(one.trim()))
      .join(', ')}]`;
  const text = texts.at(-1) ?? '';
  if (parser.isSwitch === true && /^(?:true|false)$/.test(text)) return text;
  const isNumber = /"(?:integer|number)"/.test(JSON.stringify(parser.schema));
  return isNumber && /^(?:0|[1-9][0-9]*)$/.test(text) ? text : scalar(text);
}

/** `NAME=VALUE` of the command line, as a file has it. */
function block(texts: readonly string[]): string {
  const pairs = texts
    .flatMap((text) => text.split(','))
    .map((pair) => {
      const at = pair.indexOf('=');
      return `${scalar(pair.slice(0, at).trim())}: ${scalar(pair.slice(at + 1).trim())}`;
    });
  return `{ ${pairs.join(', ')} }`;
}

/** Texts that every YAML reader takes for a text as they stand. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z](?:[\w./@-]|:(?=[^\s]))*$/i;

function scalar(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text);
}
