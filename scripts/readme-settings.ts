/** Prints the README's tables of settings, made from the same rows as flags, variables, file keys and the schema. */
import { BACKENDS } from '../src/backends/index.ts';
import { generalSettings, type PlacedSetting, productSettings } from '../src/config/settings.ts';
import { describedRow } from '../src/lib/settings.ts';

/** The table of the settings that every backend has. */
export function generalTable(): string {
  return table(generalSettings());
}

/** The table of one product's own settings. */
export function productTable(type: string): string {
  return table(productSettings(type));
}

if (import.meta.main) {
  console.log(generalTable());
  for (const { type } of BACKENDS) console.log(`\n${type}\n\n${productTable(type)}`);
}

function table(settings: readonly PlacedSetting[]): string {
  const rows = settings.map((setting) => [flagOf(setting), `\`${setting.variable}\``, keyOf(setting), helpOf(setting)]);
  return [['flag', 'variable', 'file key', 'meaning'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function flagOf({ flag, short, value }: PlacedSetting): string {
  if (flag === undefined) return '';
  const names = short === undefined ? `--${flag}` : `-${short}, --${flag}`;
  return `\`${value === undefined ? names : `${names} ${value.replaceAll('|', '\\|')}`}\``;
}

function keyOf({ file }: PlacedSetting): string {
  return file === undefined ? '' : `\`${file.join('.')}\``;
}

function helpOf({ row }: PlacedSetting): string {
  const own = row.variables === undefined ? '' : ` (also ${row.variables.map((name) => `\`${name}\``).join(', ')})`;
  return `${describedRow(row)}${own}`.replaceAll('|', '\\|');
}
