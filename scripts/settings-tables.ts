/** Prints docs/settings.md, made from the same rows as flags, variables, file keys and the schema. */
import { BACKENDS } from '../src/backends/index.ts';
import { generalSettings, type PlacedSetting, productSettings } from '../src/config/settings.ts';
import { describedRow } from '../src/lib/settings.ts';

/** The whole document: what every command and every backend has, then each product's own. */
export function settingsDocument(): string {
  const products = BACKENDS.map(
    ({ type, title }) => `## ${title}\n\n\`type: ${type}\`\n\n${table(productSettings(type))}\n`,
  );
  return [INTRODUCTION, '## For every command and every backend', '', table(generalSettings()), '', ...products].join(
    '\n',
  );
}

const INTRODUCTION = `# All settings

Each can be said by a flag, a variable or a key of the file; a flag beats a variable, a variable the file, the file a product's own variables and the
defaults. [README.md](../README.md) says what they are for. This document is made by \`node scripts/settings-tables.ts\`.
`;

if (import.meta.main) process.stdout.write(settingsDocument());

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
