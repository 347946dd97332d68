import { Chained, chainedReference } from '../../lib/chain.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { type Parser, SettingFault } from '../../lib/settings.ts';
import { nearest, suggestion, visible } from '../../lib/text.ts';
import type { ParameterRow, Recipe } from './recipe.ts';
import type { Value } from './values.ts';

/** What the configuration gives a recipe, by name; `Chained` until the backend that has it gave it. */
export type Parameters = Readonly<Record<string, string | Sensitive | Chained>>;

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const TAKES = 'names and values: a block in the file, NAME=VALUE elsewhere, several separated by commas';

/** A block of texts; in a flag or a variable `access-id=p-1,role=ci`. Each may name another backend's secret. */
export const parameters: Parser<Parameters> = {
  takes: TAKES,
  schema: {
    anyOf: [
      {
        type: 'object',
        additionalProperties: { type: ['string', 'number', 'boolean'] },
        propertyNames: { pattern: NAME.source },
      },
      { type: 'string', pattern: '=' },
    ],
  },
  isList: true,
  parse(input) {
    const pairs = input.split(',').map((pair): [string, string] => {
      const sign = pair.indexOf('=');
      const name = pair.slice(0, Math.max(0, sign)).trim();
      if (sign < 0 || !NAME.test(name)) throw new SettingFault(TAKES);
      return [name, pair.slice(sign + 1)];
    });
    if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new SettingFault(`${TAKES}; each name once`);
    return Object.fromEntries(pairs.map(([name, text]) => [name, parameterOf(text)]));
  },
  show: (values) =>
    Object.entries(values)
      .map(
        ([name, value]) =>
          `${name}=${typeof value === 'string' ? value : value instanceof Chained ? `secretctl:${value.reference}` : value.toString()}`,
      )
      .join(','),
  tree: {
    read(node, report) {
      if (node.kind !== 'map') {
        report(node.at, `must be ${TAKES}`);
        return undefined;
      }
      const found: [string, string | Chained][] = [];
      for (const [name, { at, value }] of node.entries) {
        if (!NAME.test(name)) report(at, `${visible(name)} cannot be the name of a parameter`);
        else if (value.kind !== 'scalar' || value.value === null) report(value.at, `parameters.${name} must be a text`);
        else if (/[\r\n]/.test(value.source)) report(value.at, `parameters.${name} must be text of one line`);
        else found.push([name, parameterOf(value.source)]);
      }
      return found.length === node.entries.size ? Object.fromEntries(found) : undefined;
    },
    parts: {
      chained: (values) =>
        Object.entries(values).flatMap(([name, value]) =>
          value instanceof Chained ? [[name, value.reference] as const] : [],
        ),
      given: (values, name, secret) => ({ ...values, [name]: secret }),
    },
  },
};

function parameterOf(text: string): string | Chained {
  const reference = chainedReference(text);
  return reference === undefined ? text : new Chained(reference);
}

/** What is wrong with the parameters of a recipe, one sentence each. */
export function parameterFaults(recipe: Recipe, given: Parameters): readonly string[] {
  const known = Object.keys(recipe.parameters);
  const others = Object.keys(given).filter((name) => !known.includes(name));
  const faults = Object.entries(recipe.parameters).map(([name, row]) => {
    const fault = faultOf(row, Object.hasOwn(given, name) ? given[name] : undefined);
    return fault === undefined ? undefined : `parameters.${name} ${fault}`;
  });
  return [...others.map((name) => unknownParameter(name, known)), ...faults.filter((one) => one !== undefined)];
}

function unknownParameter(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const there = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  const hint = meant === undefined ? there : `did you mean "${meant}"?`;
  return `the recipe has no parameter ${visible(name)}; ${hint}`;
}

function faultOf(row: ParameterRow, value: Parameters[string] | undefined): string | undefined {
  if (value === undefined) {
    const isNeeded = !row.optional && row.default === undefined;
    return isNeeded ? `is missing${row.help === '' ? '' : ` (${row.help})`}` : undefined;
  }
  if (value instanceof Chained) return undefined;
  if (value instanceof Sensitive) return givenFault(row, value);
  if (row.secret) return 'is a secret: write secretctl: and a reference to a secret of another backend';
  return row.words?.includes(value) === false
    ? `must be one of ${row.words.join(', ')}${suggestion(value, row.words)}`
    : undefined;
}

/** What another backend gave is judged by the same words, and never shown. */
function givenFault({ secret, words }: ParameterRow, value: Sensitive): string | undefined {
  const text = value.reveal().toString('utf8');
  if (text === '') return 'is empty in the other backend';
  if (secret) return undefined;
  if (words?.includes(text) === false)
    return `must be one of ${words.join(', ')}, and the other backend has something else`;
  return /[\r\n]/.test(text) ? 'must be text of one line, and the other backend has several' : undefined;
}

/** The values that placeholders get, defaults filled in; what another backend still has to give is not there. */
export function parameterValues(recipe: Recipe, given: Parameters): Readonly<Record<string, Value>> {
  const found: Record<string, Value> = {};
  for (const [name, row] of Object.entries(recipe.parameters)) {
    const value = (Object.hasOwn(given, name) ? given[name] : undefined) ?? row.default;
    if (value === undefined || value instanceof Chained) continue;
    // What is no secret by the recipe may stand in a URL, wherever it came from.
    found[`parameters.${name}`] = !row.secret && value instanceof Sensitive ? value.reveal().toString('utf8') : value;
  }
  return found;
}
