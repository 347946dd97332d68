import type { BackendType, SettingsFault } from '../backends/types.ts';
import type { BackendSettings } from './types.ts';
import { type PlacedSetting, productSettings } from './settings.ts';

/**
 * What a product finds wrong with its settings taken together, one sentence each. Of a setting that is missing it is said
 * how it can be given; `ownMeant` is whether the product's own flags and variables mean this backend.
 */
export function productFaults(
  type: BackendType,
  { url, values }: Pick<BackendSettings, 'url' | 'values'>,
  ownMeant: boolean,
): readonly string[] {
  return type.check(url, values).map((fault) => faultSentence(fault, type.type, ownMeant));
}

/** One fault as a sentence; of a setting that is missing, how it can be given. */
export function faultSentence(fault: SettingsFault, type: string, ownMeant: boolean): string {
  if (typeof fault === 'string') return fault;
  const setting = productSettings(type).find(({ file }) => file?.[0] === fault.missing);
  const ways = setting === undefined ? '' : `; give it by ${waysOf(setting, ownMeant)}`;
  return `${fault.missing} is missing: ${fault.what}${ways}`;
}

/** `--conjur-account, CONJUR_ACCOUNT or "account:" in the file`. */
function waysOf({ flag, variable, file, row }: PlacedSetting, ownMeant: boolean): string {
  const own = ownMeant && flag !== undefined ? [`--${flag}`] : [];
  const variables = row.variables ?? (ownMeant ? [variable] : []);
  const others = [...own, ...variables].join(', ');
  return `${others === '' ? '' : `${others} or `}"${file?.join('.')}:" in the file`;
}
