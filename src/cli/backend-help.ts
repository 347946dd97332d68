import { backendType } from '../backends/index.ts';
import { productSettings, SETTINGS } from '../config/settings.ts';
import { defaultText } from '../lib/settings.ts';

/** What `secretctl help TYPE` prints: a product's own settings in their three ways, and the variables of its clients. */
export function backendHelp(type: string): string {
  const backend = backendType(type);
  const common = Object.entries(backend?.variables ?? {}).map(
    ([setting, names]) => `  ${names.join(', ')}: ${commonMeaning(setting)}`,
  );
  const own = productSettings(type).map((setting) => {
    const { row, flag, variable, file, value } = setting;
    const standing = defaultText(row);
    const placeholder = row.parser.isSwitch === true ? '' : ` <${value ?? 'VALUE'}>`;
    const heading = flag === undefined ? `${file?.at(-1)}, which has no flag` : `--${flag}${placeholder}`;
    const also = row.variables === undefined ? '' : `; the product's own: ${row.variables.join(', ')}`;
    return [
      `  ${heading}`,
      `      ${row.help}`,
      `      must be ${row.parser.takes}${standing === undefined ? '' : `; default: ${standing}`}`,
      `      variable ${variable}; file key ${file?.join('.')}${also}`,
    ].join('\n');
  });
  return [
    `${backend?.title ?? type}: settings of a backend of type ${type}`,
    '',
    ...own,
    '',
    ...(common.length === 0 ? [] : [`Variables of the product's own clients that are understood too:`, ...common, '']),
  ].join('\n');
}

/** What a variable that stands for a setting of every backend says; `token-text` alone is no setting of ours. */
function commonMeaning(setting: string): string {
  return Object.entries(SETTINGS).find(([name]) => name === setting)?.[1].help ?? 'the ID token itself';
}
