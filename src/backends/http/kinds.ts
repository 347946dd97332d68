import type { MapNode, Position, TreeNode } from '../../lib/tree.ts';
import type { TreeReport } from '../../lib/settings.ts';
import { nearest, quoted, visible } from '../../lib/text.ts';

/** What may stand at one place of a recipe: it is read with this, and the JSON Schema says the same. */
export interface Kind<T> {
  /** The value, or undefined when something is wrong with it, which was reported then. */
  read(node: TreeNode, spot: Spot): T | undefined;
  readonly schema: Schema;
}

/** Where in a recipe we are, and who hears of faults. */
export interface Spot {
  /** `login[0].request`, for messages; empty at the top. */
  readonly path: string;
  readonly report: TreeReport;
}

type Schema = Readonly<Record<string, unknown>>;

/** One key of a block. */
export interface Member<T> {
  readonly kind: Kind<T>;
  readonly isRequired: boolean;
  /** What it is when it is not there. */
  readonly otherwise: T;
}

/** A key that must be there. */
export function required<T>(
  kind: Kind<T>,
): Member<T | undefined> & { readonly isRequired: true; readonly kind: Kind<T> } {
  return { kind, isRequired: true, otherwise: undefined };
}

/** A key that may be missing. */
export function optional<T>(kind: Kind<T>): Member<T | undefined> & { readonly isRequired: false } {
  return { kind, isRequired: false, otherwise: undefined };
}

/** A key that stands for something when it is missing. */
export function standing<T>(kind: Kind<T>, otherwise: T): Member<T> & { readonly isRequired: false } {
  return { kind, isRequired: false, otherwise };
}

type Members = Readonly<Record<string, Member<unknown>>>;

/** What a block of such keys gives: everything that is required is there. */
export type Block<M extends Members> = {
  readonly [Key in keyof M]: M[Key] extends { readonly isRequired: true; readonly kind: Kind<infer T> }
    ? T
    : M[Key] extends Member<infer T>
      ? T
      : never;
};

/** A block of keys; one that is not known is a fault that names the nearest. */
export function block<const M extends Members>(members: M): Kind<Block<M>> {
  const known = Object.keys(members);
  return {
    // Made when it is asked for, which no command does.
    get schema() {
      return {
        type: 'object',
        additionalProperties: false,
        required: known.filter((key) => members[key]?.isRequired === true),
        properties: Object.fromEntries(Object.entries(members).map(([key, { kind }]) => [key, kind.schema])),
      };
    },
    read(node, spot) {
      if (node.kind !== 'map') return fault(node.at, spot, `must be a block with keys of ${known.join(', ')}`);
      let isGood = onlyKnown(node, known, spot);
      const values: Record<string, unknown> = {};
      for (const [key, { kind, isRequired, otherwise }] of Object.entries(members)) {
        const found = node.entries.get(key)?.value;
        if (found === undefined && isRequired) fault(node.at, spot, `has no "${key}"`);
        const value = found === undefined ? otherwise : kind.read(found, below(spot, key));
        if (value === undefined && (isRequired || found !== undefined)) isGood = false;
        values[key] = value;
      }
      // Each member was read by its own kind: the one place where that is not written in types.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return isGood ? (values as Block<M>) : undefined;
    },
  };
}

function onlyKnown(node: MapNode, known: readonly string[], spot: Spot): boolean {
  const others = [...node.entries].filter(([key]) => !known.includes(key));
  for (const [key, { at }] of others) {
    const meant = nearest(key.toLowerCase(), known);
    const hint = meant === undefined ? `keys: ${known.join(', ')}` : `did you mean "${meant}"?`;
    const where = spot.path === '' ? '' : ` in ${spot.path}`;
    spot.report(at, `unknown key ${quoted(key)}${where}; ${hint}`);
  }
  return others.length === 0;
}

/** A block whose keys are free, within a pattern that completes "… must be". */
export function named<T>(names: { pattern: RegExp; takes: string }, kind: Kind<T>): Kind<Readonly<Record<string, T>>> {
  return {
    get schema() {
      return {
        type: 'object',
        propertyNames: { pattern: names.pattern.source },
        additionalProperties: kind.schema,
      };
    },
    read(node, spot) {
      if (node.kind !== 'map') return fault(node.at, spot, 'must be a block of keys and values');
      const values: [string, T][] = [];
      for (const [key, { at, value }] of node.entries) {
        if (!names.pattern.test(key)) spot.report(at, `${quoted(key)} in ${spot.path} must be ${names.takes}`);
        const read = kind.read(value, below(spot, key));
        if (read !== undefined && names.pattern.test(key)) values.push([key, read]);
      }
      return values.length === node.entries.size ? Object.fromEntries(values) : undefined;
    },
  };
}

/** Several of them, or a single one that stands without a list. */
export function several<T>(kind: Kind<T>): Kind<readonly T[]> {
  return {
    get schema() {
      return { anyOf: [kind.schema, { type: 'array', minItems: 1, items: kind.schema }] };
    },
    read(node, spot) {
      if (node.kind !== 'list') {
        const only = kind.read(node, spot);
        return only === undefined ? undefined : [only];
      }
      if (node.items.length === 0) return fault(node.at, spot, 'is empty');
      const values = node.items
        .map((item, index) => kind.read(item, { ...spot, path: `${spot.path}[${index}]` }))
        .filter((value) => value !== undefined);
      return values.length === node.items.length ? values : undefined;
    },
  };
}

/** A text, which `make` turns into something; it throws {@link RecipeFault} with what is wrong. */
export function textual<T>(make: (text: string, at: Position) => T, schema: Schema = { type: 'string' }): Kind<T> {
  return {
    schema,
    read(node, spot) {
      const name = unquotedName(node);
      if (name !== undefined) return fault(node.at, spot, unquotedPhrase(name));
      if (node.kind !== 'scalar' || node.value === null) return fault(node.at, spot, 'must be a text');
      try {
        return make(typeof node.value === 'string' ? node.value : node.source, node.at);
      } catch (error) {
        if (!(error instanceof RecipeFault)) throw error;
        return fault(node.at, spot, error.message);
      }
    },
  };
}

/** The name in a placeholder without quotes, which YAML takes for a map: `jwt: {id-token}`. */
export function unquotedName(node: TreeNode): string | undefined {
  if (node.kind !== 'map' || node.entries.size !== 1) return undefined;
  const [[name, { value }] = ['', { value: undefined }]] = node.entries;
  return value?.kind === 'scalar' && value.value === null && value.source === '' ? name : undefined;
}

/** What to say of it. */
export function unquotedPhrase(name: string): string {
  return `is a map for YAML: write the placeholder in quotes, "{${visible(name)}}"`;
}

/** What is wrong with a text of a recipe, completing "login.token …". Quotes only through `visible`. */
export class RecipeFault extends Error {
  constructor(phrase: string) {
    super(phrase);
    this.name = 'RecipeFault';
  }
}

/** One line of text. */
export const line: Kind<string> = textual(
  (text) => {
    if (text === '' || /\p{Cc}/u.test(text)) throw new RecipeFault('must be text of one line');
    return text;
  },
  { type: ['string', 'number', 'boolean'], minLength: 1 },
);

/** `true` or `false`. */
export const flag: Kind<boolean> = {
  schema: { type: 'boolean' },
  read(node, spot) {
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
    return fault(node.at, spot, 'must be true or false');
  },
};

/** A whole number within bounds. */
export function whole(least: number, most: number): Kind<number> {
  return {
    schema: { type: 'integer', minimum: least, maximum: most },
    read(node, spot) {
      const value = node.kind === 'scalar' ? node.value : undefined;
      if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
      return fault(node.at, spot, `must be a whole number from ${least} to ${most}`);
    },
  };
}

/** One of these words. */
export function word<const Word extends string>(words: readonly Word[]): Kind<Word> {
  return {
    schema: { enum: [...words] },
    read(node, spot) {
      const text = node.kind === 'scalar' ? node.source : '';
      const found = words.find((one) => one === text);
      if (found !== undefined) return found;
      const meant = nearest(text, words);
      const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
      return fault(node.at, spot, `must be one of ${words.join(', ')}${hint}`);
    },
  };
}

/** A duration such as `2s`, `500ms` or `10m`, milliseconds. */
export function duration(parse: (text: string) => number | undefined, takes: string): Kind<number> {
  return textual((text) => {
    const value = parse(text);
    if (value === undefined) throw new RecipeFault(`must be ${takes}`);
    return value;
  });
}

/** Either of two: the first where the value is no block, the second where it is one. */
export function textOrBlock<T>(text: Kind<T>, map: Kind<T>): Kind<T> {
  return {
    get schema() {
      return { anyOf: [text.schema, map.schema] };
    },
    read: (node, spot) => (node.kind === 'map' ? map : text).read(node, spot),
  };
}

/** What another kind reads, made into something else. */
export function made<T, U>(kind: Kind<T>, make: (value: T) => U): Kind<U> {
  return {
    get schema() {
      return kind.schema;
    },
    read(node, spot) {
      const value = kind.read(node, spot);
      if (value === undefined) return undefined;
      try {
        return make(value);
      } catch (error) {
        if (!(error instanceof RecipeFault)) throw error;
        return fault(node.at, spot, error.message);
      }
    },
  };
}

/** The spot of a member. */
export function below(spot: Spot, key: string): Spot {
  return { ...spot, path: spot.path === '' ? visible(key) : `${spot.path}.${visible(key)}` };
}

/** Reports what is wrong here, as `recipe.login … `. */
export function fault(at: Position, spot: Spot, phrase: string): undefined {
  spot.report(at, `${spot.path === '' ? 'the recipe' : spot.path} ${phrase}`);
  return undefined;
}
