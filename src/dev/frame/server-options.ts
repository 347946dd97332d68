import { SecretctlError } from '../../lib/errors.ts';
import { type Parser, SettingFault } from '../../lib/settings.ts';
import { nearest, quoted } from '../../lib/text.ts';

/** What `--option WORD=VALUE` said to one product's strict server. */
export interface ServerOptions {
  /** The value of an option, or its default. Throws USAGE for one that the parser does not take. */
  option<Value>(word: string, parser: Parser<Value>, otherwise: Value): Value;
  /** Belongs after the last option: throws USAGE for a word that nobody asked for. */
  refuseOthers(): void;
}

/** Reads options that were given to a server; `product` is its name in messages. */
export function serverOptions(product: string, given: ReadonlyMap<string, string>): ServerOptions {
  const known: string[] = [];
  return {
    option(word, parser, otherwise) {
      known.push(word);
      const value = given.get(word);
      return value === undefined ? otherwise : parsed(word, value, parser);
    },
    refuseOthers() {
      for (const word of given.keys()) if (!known.includes(word)) throw unknownOption(product, word, known);
    },
  };
}

function parsed<Value>(word: string, value: string, parser: Parser<Value>): Value {
  try {
    return parser.parse(value);
  } catch (error) {
    if (!(error instanceof SettingFault)) throw error;
    throw new SecretctlError('USAGE', `--option ${word} must be ${parser.takes}`);
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
