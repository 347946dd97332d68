import type { Json } from './json.ts';

/** A JSON value as compact text, each number with the digits it came with. */
export function writeJson(json: Json): string {
  if (json.kind === 'array') return `[${json.items.map(writeJson).join(',')}]`;
  if (json.kind === 'string') return JSON.stringify(json.value);
  if (json.kind === 'number') return json.text;
  if (json.kind === 'literal') return String(json.value);
  return `{${[...json.members].map(([name, value]) => `${JSON.stringify(name)}:${writeJson(value)}`).join(',')}}`;
}

/**
 * The same JSON text, safe for a terminal and for a CI's log: invisible characters and what opens a CI's log command are
 * written as escapes, so that every JSON reader still reads the same. Such signs stand in strings alone.
 */
export function harmlessJson(text: string): string {
  return text
    .replace(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => units(character))
    .replace(/#(?=#(?:vso|teamcity)?\[)/g, units)
    .replace(/:(?=:)/g, units)
    .replace(/(?<=section_(?:start|end)):/g, units);
}

function units(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
