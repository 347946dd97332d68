import type { SettingRow } from '../lib/settings.ts';

/** Why a setting cannot be given in one of the three ways. */
export interface Nowhere {
  readonly none: string;
}

/** One setting that is not a product's own. Flag, variable and file key follow from its name; what differs is said. */
export interface GeneralRow<T = unknown> extends SettingRow<T> {
  /** What it belongs to: the run, one backend, where the values go, the child that `run` starts, or what `mask` looks for. */
  readonly area: 'run' | 'backend' | 'output' | 'child' | 'filter';
  /** Placeholder of the flag's value in help. */
  readonly value?: string;
  readonly short?: string;
  readonly flag?: Nowhere;
  /** Key in the file, when it is not the name: `token.env` is `env` in the block `token`. */
  readonly file?: Nowhere | string;
}

/** Why a flag that overrules a refusal has no file key. */
export const OVERRULES: Nowhere = { none: 'a file that a merge request can change does not overrule a refusal' };
/** Why a setting of one run has no file key. */
export const FOR_ONE_RUN: Nowhere = { none: 'it is said by whoever starts the run' };

/** Keeps each row's own type while checking its shape. */
export function rows<const Rows extends Readonly<Record<string, GeneralRow>>>(table: Rows): Rows {
  return table;
}
