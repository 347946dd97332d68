import type { Sensitive } from './sensitive.ts';
import type { Position, TreeNode } from './tree.ts';

/**
 * How one setting is described, wherever it is declared: the general ones in `config/settings.ts`, a product's own
 * in its backend. One row gives the flag, the variable, the file key, the help line and the JSON Schema.
 */

/** Text -> value. `parse` throws {@link SettingFault} with a phrase that completes "… must be". */
export interface Parser<T> {
  readonly parse: (text: string) => T;
  /** What it takes, completing "must be …": `a duration such as 90s, 15m or 1h`. Never quotes the input. */
  readonly takes: string;
  /** JSON Schema of the value as it stands in the configuration file. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** A value as its text, where it is not the text itself: `parse` reads it back. */
  show?(value: T): string;
  /** Set for a switch: its flag takes no value, its file value is `true` or `false`. */
  readonly isSwitch?: true;
  /** Set for a list: the flag may be repeated, the file holds a sequence, a variable holds the items separated by commas. */
  readonly isList?: true;
  /** Set where the file may also hold a sequence of texts: the text that `parse` reads as these. */
  ofItems?(items: readonly string[]): string;
  /** Set for the path of a file or directory: in the file, a relative one begins at the file's directory. */
  readonly isPath?: true;
  /** Set for a secret: it has no flag, and in the file only the name of another backend's secret may stand. */
  readonly isSecret?: true;
  /** Set where the file may hold more than a text: a block. */
  readonly tree?: TreeKind<T>;
}

/** How a value is read that stands in a file as a block. */
export interface TreeKind<T> {
  /**
   * Its value, or undefined when something is wrong with it, which goes to `report`. `ready` is the name of the block
   * where it is one that came with the program.
   */
  read(node: TreeNode, report: TreeReport, ready?: string): T | undefined;
  /** Set for a document, which a text may name instead: one of these, or the path of a file. */
  readonly ready?: Readonly<Record<string, () => Promise<string>>>;
  /** Set where parts of the value may be secrets of other backends. */
  readonly parts?: ChainableParts<T>;
}

/** The parts of a value that other backends give. */
export interface ChainableParts<T> {
  /** Those that are to be given, and the references they come from. */
  chained(value: T): readonly (readonly [part: string, reference: string])[];
  /** The value with one of them put in. */
  given(value: T, part: string, secret: Sensitive): T;
}

/** Takes what is wrong at a place of a tree: one sentence, that quotes only through `visible`. */
export type TreeReport = (at: Position, message: string) => void;

/** The input is not what a parser takes. The message is the parser's `takes`; the input is never quoted. */
export class SettingFault extends Error {
  /** Set where only these words are taken: one of them may be meant. */
  readonly words: readonly string[];

  constructor(phrase: string, words: readonly string[] = []) {
    super(phrase);
    this.name = 'SettingFault';
    this.words = words;
  }
}

/** One setting of a backend. */
export interface SettingRow<T = unknown> {
  readonly parser: Parser<T>;
  /** The product's own variables that mean the same, first one set wins. */
  readonly variables?: readonly string[];
  readonly default?: T;
  /** One line, starting lower-case, without a full stop. */
  readonly help: string;
}

/** The text of a row's default, as it would be given; undefined without any and for a switch that is off. */
export function defaultText({ parser, default: standing }: SettingRow): string | undefined {
  if (standing === undefined || standing === false) return undefined;
  if (Array.isArray(standing) && standing.length === 0) return undefined;
  return parser.show?.(standing) ?? (typeof standing === 'string' ? standing : JSON.stringify(standing));
}

/** What a row means and its default, in one line. */
export function describedRow(row: SettingRow): string {
  const standing = defaultText(row);
  return standing === undefined ? row.help : `${row.help} (default: ${standing})`;
}

/** Settings of one backend by file key (kebab-case). The flag is `--<type>-<key>`, the variable `SECRETCTL_<TYPE>_<KEY>`. */
export type SettingRows = Readonly<Record<string, SettingRow>>;

/** The parsed values of such rows: undefined only where a row has no default. */
export type SettingValues<Rows extends SettingRows> = {
  readonly [Key in keyof Rows]: Rows[Key] extends { readonly default: infer D }
    ? Rows[Key] extends SettingRow<infer T>
      ? T | D
      : never
    : Rows[Key] extends SettingRow<infer T>
      ? T | undefined
      : never;
};

/** Keeps each row's own type while checking its shape. */
export function settingRows<const Rows extends SettingRows>(rows: Rows): Rows {
  return rows;
}
