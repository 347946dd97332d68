import { type Command, Option } from 'commander';
import { BACKENDS } from '../backends/index.ts';
import { generalSettings, placed, type PlacedSetting, productSettings, type SettingName } from '../config/settings.ts';
import type { CommandName, RawOptions } from '../config/types.ts';
import { describedRow } from '../lib/settings.ts';
import type { Cli } from './command.ts';

/** The settings that a command has as flags. */
interface Declared {
  readonly areas: readonly PlacedSetting['area'][];
  /** What it names besides. */
  readonly besides?: readonly SettingName[];
}

/**
 * What a command that reads a configuration declares: everything of the run and of the backend, output where it has any,
 * and what else it names. The products' own flags only where something that is no flag of ours is on the command line:
 * they are many, and hardly anybody says one.
 */
export function declareSettings(command: Command, { runtime }: Pick<Cli, 'runtime'>, declared: Declared): void {
  const { areas } = declared;
  const general = generalFlags(declared);
  const settings = isAllKnown(runtime.argv, general) ? general : [...general, ...productSettings()];
  for (const setting of settings.toSorted((left, right) => rank(left) - rank(right))) {
    const option = optionOf(setting);
    const { heading, otherwise = heading } = groupOf(setting);
    const fetches = areas.some((area) => area === 'output' || area === 'child' || area === 'filter');
    if (option !== undefined) command.addOption(option.helpGroup(`${fetches ? heading : otherwise}:`));
  }
  command.addHelpOption(new Option('-h, --help', 'show this help').helpGroup(`${LAST_GROUP.heading}:`));
}

interface Group {
  readonly heading: string;
  /** The heading where nothing is fetched. */
  readonly otherwise?: string;
  /** Flags that stand first, the most used ones. */
  readonly first: readonly string[];
  /** What else stands here. */
  readonly area?: PlacedSetting['area'];
}

/** How help groups the options, in this order. */
const GROUPS: readonly Group[] = [
  { heading: 'What to fetch', otherwise: 'Configuration', first: ['profile', 'config'] },
  { heading: 'Redaction', first: ['mask', 'names', 'env', 'mask-names', 'mask-pairs'], area: 'filter' },
  { heading: 'The command', first: ['resolve-env'], area: 'child' },
  { heading: 'Output', first: ['format', 'output', 'files', 'template'], area: 'output' },
  { heading: 'Backend', first: ['backend', 'url', 'fallback-url', 'allow-endpoint-override'], area: 'backend' },
  {
    heading: 'ID token',
    first: [
      'audience',
      'issuer',
      'token-env',
      'token-file',
      'token-stdin',
      'token-command',
      'token-source',
      'token-secret',
      'service-connection',
      'single-use',
    ],
  },
  { heading: 'TLS', first: ['ca-file', 'client-cert', 'client-key', 'server-name'] },
];
const LAST_GROUP: Group = { heading: 'Run', first: ['dry-run', 'debug', 'timeout'], area: 'run' };

function groupOf({ flag = '', area }: PlacedSetting): Group {
  const named = GROUPS.find((group) => group.first.includes(flag));
  return named ?? GROUPS.find((group) => group.area === area) ?? LAST_GROUP;
}

/** By group, in it the most used first, then in the order of the table. */
function rank(setting: PlacedSetting): number {
  const group = groupOf(setting);
  const index = GROUPS.includes(group) ? GROUPS.indexOf(group) : GROUPS.length;
  const place = group.first.indexOf(setting.flag ?? '');
  return index * 100 + (place < 0 ? 99 : place);
}

/** The values that commander read, as `loadSettings` takes them. */
export function rawOptions(command: Command, name: CommandName, args: readonly string[]): RawOptions {
  const values = command.opts<Record<string, unknown>>();
  const flags = new Map<string, readonly string[]>();
  for (const option of command.options) {
    const flag = option.long?.slice(2);
    if (flag === undefined) continue;
    const said = textsOf(values[option.attributeName()], option.negate);
    if (said.length > 0) flags.set(flag, said);
  }
  return { command: name, arguments: args, flags };
}

function generalFlags({ areas, besides = [] }: Declared): readonly PlacedSetting[] {
  return [...generalSettings().filter((setting) => areas.includes(setting.area)), ...besides.map(placed)];
}

/** Whether each long flag of a command line is one of these; what stands behind `--` is not ours. */
function isAllKnown(argv: readonly string[], settings: readonly PlacedSetting[]): boolean {
  const end = argv.indexOf('--');
  const words = (end < 0 ? argv : argv.slice(0, end)).filter((word) => word.startsWith('--'));
  const flags = new Set(settings.map(({ flag }) => `--${flag}`));
  return words.every((word) => flags.has(word.split('=', 1).join('')));
}

function optionOf({ flag, short, value, row, type }: PlacedSetting): Option | undefined {
  if (flag === undefined) return undefined;
  const isSwitch = row.parser.isSwitch === true;
  const long = `${short === undefined ? '' : `-${short}, `}--${flag}`;
  const option = new Option(isSwitch ? long : `${long} <${value ?? 'VALUE'}>`, describedRow(row));
  // Gathered as they come: whether one may be repeated is the loader's to say.
  if (!isSwitch) option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);
  return type === undefined ? option : option.hideHelp();
}

/** A switch that begins with `--no-` is `false` when it was given: that is commander's own meaning of it. */
function textsOf(value: unknown, isNegated: boolean): readonly string[] {
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string');
  return value === !isNegated ? ['true'] : [];
}

/** Stands under the help of each command that reads a configuration. */
export const SETTINGS_HELP = `
Each option is a variable too (--token-env is SECRETCTL_TOKEN_ENV) and, where that makes sense, a key of
secretctl.yaml. \`secretctl help TYPE\` lists the settings of one product:
${BACKENDS.map(({ type }) => type).join(', ')}.`;
