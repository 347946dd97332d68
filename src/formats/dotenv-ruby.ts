import { variablesRenderer } from './dialect.ts';

/**
 * Lines for Ruby's dotenv from version 3 on. In single quotes it takes everything as it stands; in double ones it runs
 * what stands in `$(…)`, and whether a backslash prevents that depends on the parentheses that follow. A backslash at
 * the end of either hides the closing quote, so that such a value stands without quotes.
 */
export const dotenvRuby = variablesRenderer({
  consumer: 'Ruby dotenv',
  instead: ['use --format sh and source it', 'use --format json'],
  obstacle(text) {
    if (text.includes('\r')) return 'holds a carriage return';
    const isLast = text.endsWith('\\');
    if (!isLast && !text.includes("'")) return undefined;
    if (text.includes('$(')) return `holds "$(", which it might run as a command, and "'" or a backslash at the end`;
    return isLast && !BARE.test(text) ? 'ends with a backslash and also holds "#", quotes or white space' : undefined;
  },
  spell(text) {
    const isLast = text.endsWith('\\');
    if (!isLast && !text.includes("'")) return `'${text}'`;
    const escaped = text.replace(isLast ? /[\\$]/g : /[\\"$]/g, String.raw`\$&`);
    return isLast ? escaped : `"${escaped}"`;
  },
  write: (name, spelled) => `${name}=${spelled}\n`,
});

/** What it takes without quotes: one line without a comment that begins and ends with neither white space nor a quote. */
const BARE = /^[^\s'"#\0][^\n#\0]*$/;
