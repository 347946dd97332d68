import { Sensitive } from '../../lib/sensitive.ts';
import type { Placeholder, Template } from './template.ts';

/** What placeholders stand for, by name. */
export type Values = ReadonlyMap<string, Value>;

/** One value; a list only for `{paths}`. */
export type Value = string | Sensitive | readonly string[];

/** A template with its values in place. */
export interface Filled {
  readonly text: string;
  /** Whether a secret is in it. */
  readonly isSecret: boolean;
}

/** The values of `values` and, over them, those of `more` that are there. */
export function withValues(values: Values, more: Readonly<Record<string, Value | undefined>>): Values {
  const there = Object.entries(more).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return new Map([...values, ...there]);
}

/**
 * The text of a template, each value in the encoding of its place; undefined where one of its values is not there: then
 * the entry that it is for is left out. A filter comes before the encoding.
 */
export function fill(
  template: Template,
  values: Values,
  encode: (text: string, part: Placeholder) => string,
): Filled | undefined {
  let isSecret = false;
  const texts: string[] = [];
  for (const part of template.parts) {
    if (typeof part === 'string') {
      texts.push(part);
      continue;
    }
    const value = values.get(part.name);
    if (value === undefined || isList(value)) return undefined;
    isSecret ||= value instanceof Sensitive;
    texts.push(encode(filtered(value, part), part));
  }
  return { text: texts.join(''), isSecret };
}

/** Nothing to be escaped: where the text is handed on as it is. */
export function asItIs(text: string): string {
  return text;
}

/** What fills in for messages, plans and comparisons inside of this process: secrets never get there. */
export function openText(template: Template, values: Values): string | undefined {
  return fill(template, values, asItIs)?.text;
}

/** The open text of one value. */
export function openValue(values: Values): (placeholder: Placeholder) => string | undefined {
  return ({ name }) => {
    const value = values.get(name);
    return typeof value === 'string' ? value : undefined;
  };
}

/** Whether a value is a list of texts. */
export function isList(value: Value): value is readonly string[] {
  return Array.isArray(value);
}

function filtered(value: string | Sensitive, { filter }: Placeholder): string {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value.reveal();
  const text = bytes.toString('utf8');
  if (filter === 'base64') return bytes.toString('base64');
  if (filter === 'url') return encodeURIComponent(text);
  return filter === 'json' ? JSON.stringify(text).slice(1, -1) : text;
}
