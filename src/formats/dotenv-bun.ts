import { variablesRenderer } from './dialect.ts';

/** Lines for Bun, which expands `$` in all three kinds of quotes unless a backslash stands before it. */
export const dotenvBun = variablesRenderer({
  consumer: 'Bun',
  instead: ['use --format sh and source it', 'use --format json'],
  obstacle(text) {
    if (text.includes('$(')) return 'holds "$(", which other readers of .env files run as a command';
    if (text.endsWith('\\')) return 'ends with a backslash';
    return quoteFor(text) === undefined
      ? 'holds quotes and backslashes in a mixture for which it has no spelling'
      : undefined;
  },
  spell(text) {
    const quote = quoteFor(text) ?? '"';
    const inside = quote === '"' ? text.replaceAll('\n', String.raw`\n`).replaceAll('\r', String.raw`\r`) : text;
    return `${quote}${inside.replaceAll('$', String.raw`\$`)}${quote}`;
  },
  write: (name, spelled) => `${name}=${spelled}\n`,
});

/** The quote that holds the text; undefined when there is none. Only `"` has an escape for a carriage return. */
function quoteFor(text: string): string | undefined {
  const plain = text.includes('\r') ? undefined : ["'", '`'].find((quote) => !text.includes(quote));
  return plain ?? (/"|\\[nr\r\n]/.test(text) ? undefined : '"');
}
