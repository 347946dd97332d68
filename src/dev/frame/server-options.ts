import { SecretctlError } from '../../lib/errors.ts';
import { type Parser, SettingFault } from '../../lib/settings.ts';
import { nearest, quoted, suggestion } from '../../lib/text.ts';

/** The value of one option (`--option WORD=VALUE`), or its default. */
export type OptionReader = <Value extends OptionValue>(word: string, parser: Parser<Value>, otherwise: Value) => Value;

/** All options of one product's strict server, each asked of the reader once. */
export type OptionTable<Options> = (option: OptionReader) => Options;

type OptionValue = string | number | boolean;

/** One option as help shows it. */
export interface OptionRow {
  readonly word: string;
  readonly takes: string;
  /** Its default; empty where it is nothing. */
  readonly otherwise: string;
}

/**
 * Options that were given to a server; `product` is its name in messages. Throws USAGE for one that is not known or a
 * value that it does not take.
 */
export function readServerOptions<Options>(
  product: string,
  table: OptionTable<Options>,
  given: ReadonlyMap<string, string>,
): Options {
  const known: string[] = [];
  const options = table((word, parser, otherwise) => {
    known.push(word);
    const value = given.get(word);
    return value === undefined ? otherwise : parsed(word, value, parser);
  });
  for (const word of given.keys()) if (!known.includes(word)) throw unknownOption(product, word, known);
  return options;
}

/** What may be given, in the order of the table. */
export function optionRows(table: OptionTable<unknown>): readonly OptionRow[] {
  const rows: OptionRow[] = [];
  table((word, { takes }, otherwise) => {
    rows.push({ word, takes, otherwise: `${otherwise}` });
    return otherwise;
  });
  return rows;
}

function parsed<Value>(word: string, value: string, parser: Parser<Value>): Value {
  try {
    return parser.parse(value);
  } catch (error) {
    if (!(error instanceof SettingFault)) throw error;
    throw new SecretctlError('USAGE', `--option ${word} must be ${parser.takes}${suggestion(value, error.words)}`);
  }
}

function unknownOption(product: string, word: string, known: readonly string[]): SecretctlError {
  const meant = nearest(word, known);
  return new SecretctlError('USAGE', `the ${product} rehearsal has no option ${quoted(word)}`, {
    hint: meant === undefined ? `it has ${known.join(', ')}` : `did you mean ${meant}?`,
  });
}

/** Any text, none included. */
export const anyText: Parser<string> = { takes: 'text', schema: { type: 'string' }, parse: (input) => input };
