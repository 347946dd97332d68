import { type Parser, SettingFault } from './settings.ts';

/** What a setting's text begins with when it names a secret of another backend instead of being the value itself. */
const PREFIX = 'secretctl:';

/** A setting that another configured backend gives: `secretctl:prod/pam/password`. */
export class Chained {
  /** As `[backend:]path[?version=N][#field]`, not yet taken apart. */
  readonly reference: string;

  constructor(reference: string) {
    this.reference = reference;
  }
}

/** The reference that this text names, without the prefix; undefined when it is a value. */
export function chainedReference(text: string): string | undefined {
  return text.startsWith(PREFIX) ? text.slice(PREFIX.length) : undefined;
}

/** The same parser, which also takes the name of another backend's secret. Switches, lists and documents are no secrets and stay as they are. */
export function chainable<T>(parser: Parser<T>): Parser<T | Chained> {
  if (parser.isSwitch === true || parser.isList === true || parser.tree !== undefined) return parser;
  const { show } = parser;
  return {
    ...parser,
    schema: {
      anyOf: [{ type: 'string', pattern: `^${PREFIX}.` }, ...(parser.isSecret === true ? [] : [parser.schema])],
    },
    parse(input) {
      const reference = chainedReference(input);
      if (reference === '') throw new SettingFault(`${PREFIX} and a reference such as ${PREFIX}prod/pam/password`);
      return reference === undefined ? parser.parse(input) : new Chained(reference);
    },
    ...(show && {
      show: (value: T | Chained) => (value instanceof Chained ? `${PREFIX}${value.reference}` : show(value)),
    }),
  };
}
