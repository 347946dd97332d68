import { variablesRenderer } from './dialect.ts';
import { escapedLine } from './quote.ts';

/**
 * Lines for godotenv. It takes away every quote at the end of a value in double quotes, and its releases up to 1.5.1
 * take a last backslash for an escape of the closing one: such a value stands in single quotes or without any.
 */
export const dotenvGo = variablesRenderer({
  consumer: 'godotenv',
  instead: ['use --format sh and source it', 'use --format json'],
  carriesBytes: true,
  obstacle(text) {
    if (isDouble(text) || isSingle(text) || isBare(text)) return undefined;
    const end = text.endsWith('"') ? `'"'` : 'a backslash';
    return `ends with ${end}, and also holds something that it takes only in double quotes`;
  },
  spell(text) {
    if (isDouble(text)) return `"${escapedLine(text, /[\\"$]/g)}"`;
    return isSingle(text) ? `'${text}'` : text.replaceAll('$', String.raw`\$`);
  },
  write: (name, spelled) => `${name}=${spelled}\n`,
});

function isDouble(text: string): boolean {
  return !/["\\]$/.test(text);
}

function isSingle(text: string): boolean {
  return !/'|\r\n|\\$/.test(text);
}

/** Printable ASCII in which nothing begins a quoted value or a comment; its `$` has an escape here as well. */
function isBare(text: string): boolean {
  return /^[!$-&(-~][ -~]*$/.test(text) && !text.includes(' #');
}
