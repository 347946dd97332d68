import { variablesRenderer } from './dialect.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  "'": "|'",
  '\n': '|n',
  '\r': '|r',
  '|': '||',
  '[': '|[',
  ']': '|]',
};

/**
 * `setParameter` messages for TeamCity. It masks only parameters that are declared with the type password, so they
 * are not written to the log unless the user says so.
 */
export const teamcity = variablesRenderer({
  consumer: 'TeamCity',
  instead: ['write a file with -o FILE in the step that needs it: --format sh, json or raw'],
  spell: escaped,
  write: (name, spelled) => `##teamcity[setParameter name='env.${name}' value='${spelled}']\n`,
});

function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]|['|[\]]/g, (unit) => ESCAPES[unit] ?? `|0x${hex(unit)}`);
}

function hex(unit: string): string {
  return unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
}
