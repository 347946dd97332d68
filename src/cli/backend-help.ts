import { backendType } from '../backends/index.ts';
import { productSettings } from '../config/settings.ts';

/** What `secretctl help TYPE` prints: a product's own settings in their three ways, and the variables of its clients. */
export function backendHelp(type: string): string {
  const backend = backendType(type);
  const common = Object.entries(backend?.variables ?? {}).map(
    ([setting, names]) => `  ${names.join(', ')}: ${commonMeaning(setting)}`,
  );
  const own = productSettings(type).map((setting) => {
    const { row, flag, variable, file, value } = setting;
    const placeholder = row.parser.isSwitch === true ? '' : ` <${value ?? 'VALUE'}>`;
    const also = row.variables === undefined ? '' : `; the product's own: ${row.variables.join(', ')}`;
    return [
      `  --${flag}${placeholder}`,
      `      ${row.help}`,
      `      must be ${row.parser.takes}`,
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

const MEANINGS: Readonly<Record<string, string>> = {
  url: 'where it is',
  'ca-file': 'file of certificates that replace the usual roots',
  ca: 'these certificates as text',
  'client-cert': 'file of the client certificate',
  'client-key': 'file of its key',
  'server-name': 'name expected in the server certificate',
  'token-text': 'the ID token itself',
  'token-file': 'file that holds the ID token',
};

function commonMeaning(setting: string): string {
  return MEANINGS[setting] ?? setting;
}
