import { variablesRenderer } from './dialect.ts';
import { escapedLine } from './quote.ts';

/**
 * Lines for godotenv. It takes away every quote at the end of a value in double quotes, and its releases up to 1.5.1
 * take a last backslash for an escape of the closing one: such a value stands without quotes.
 */
export const dotenvGo = variablesRenderer({
  consumer: 'godotenv',
  instead: ['use --format sh and source it', 'use --format json'],
  carriesBytes: true,
  obstacle(text) {
    if (text.endsWith('"') && /'|\r\n/.test(text)) return `ends with '"' and also holds "'" or a CRLF`;
    if (!text.endsWith('\\') || BARE.test(text)) return undefined;
    return 'ends with a backslash and also holds "#", "$", quotes or what is no printable ASCII';
  },
  write(name, text) {
    if (text.endsWith('"')) return `${name}='${text}'\n`;
    return text.endsWith('\\') ? `${name}=${text}\n` : `${name}="${escapedLine(text, /[\\"$]/g)}"\n`;
  },
});

/** What means nothing to it outside of quotes. */
const BARE = /^[^\x00- \x7f-\xff#$'"`][^\x00-\x1f\x7f-\xff#$'"`]*$/;
