import type { Position } from '../../lib/tree.ts';
import { quoted } from '../../lib/text.ts';
import { type Kind, RecipeFault, textual } from './kinds.ts';

/** A text with places for values: `Bearer {token}`, `/secrets/{path|segments}`. */
export interface Template {
  readonly parts: readonly (string | Placeholder)[];
  readonly at: Position;
}

/** `{name}` or `{name|filter}`. */
export interface Placeholder {
  /** `token`, `id-token`, `path`, `parameters.role`, `login.session`. */
  readonly name: string;
  readonly filter: Filter | undefined;
}

/** How a value is written besides the encoding of its place. */
export type Filter = (typeof FILTERS)[number];

/**
 * `segments`: in a path, slashes stay. `number`, `boolean`: in JSON, a typed value. `base64`, `url`, `json`: encoded
 * so, wherever it stands.
 */
const FILTERS = ['segments', 'number', 'boolean', 'base64', 'url', 'json'] as const;

/** `{{` and `}}` are braces. The alternatives begin with different characters, so nothing is tried twice. */
const PIECE = /\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}]/g;

/** What other languages write for a value: here it would be a text, or a "$" before the value. */
const FOREIGN =
  /\$\{[^{}]*\}|\{\{(?:id-token|token|path|paths|field|version|(?:parameters|login|ref|found|claims)\.[A-Za-z0-9_-]+)(?:\|[a-z0-9]+)?\}\}/;

/** The template in a text. Throws {@link RecipeFault}. */
export function parseTemplate(text: string, at: Position): Template {
  const foreign = FOREIGN.exec(text)?.[0];
  if (foreign !== undefined)
    throw new RecipeFault(`has ${quoted(foreign)}: a placeholder is a name in single braces, without "$"`);
  const parts: (string | Placeholder)[] = [];
  for (const [piece] of text.matchAll(PIECE)) {
    if (piece === '{{' || piece === '}}') parts.push(piece.slice(1));
    else if (piece === '{' || piece === '}')
      throw new RecipeFault('has a single brace; a brace itself is written twice');
    else parts.push(piece.startsWith('{') ? placeholderIn(piece) : piece);
  }
  return { parts, at };
}

/** A text with places for values. */
export const template: Kind<Template> = textual(parseTemplate, { type: ['string', 'number', 'boolean'] });

function placeholderIn(piece: string): Placeholder {
  const found = /^\{(?<name>[a-z][a-z0-9-]*(?:\.[A-Za-z0-9_-]+)?)(?:\|(?<filter>[a-z0-9]+))?\}$/.exec(piece)?.groups;
  const name = found?.['name'];
  if (name === undefined) throw new RecipeFault(`has ${quoted(piece)}, which names no value`);
  const filter = FILTERS.find((one) => one === found?.['filter']);
  if (found?.['filter'] !== undefined && filter === undefined) {
    throw new RecipeFault(`has ${quoted(piece)} with an unknown filter; there are ${FILTERS.join(', ')}`);
  }
  return { name, filter };
}

/** The values that it needs. */
export function placeholdersOf({ parts }: Template): readonly Placeholder[] {
  return parts.filter((part) => typeof part !== 'string');
}

/** The template with the names of its places in braces and without filters: what messages and plans show. */
export function shownTemplate({ parts }: Template): string {
  return parts.map((part) => (typeof part === 'string' ? part : `{${part.name}}`)).join('');
}

/** Its one place, where it is nothing else. */
export function onlyPlaceholder({ parts }: Template): Placeholder | undefined {
  const [only] = parts;
  return parts.length === 1 && typeof only === 'object' ? only : undefined;
}
