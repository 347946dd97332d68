import { escapedLine } from './quote.ts';
import { variablesFormat } from './dialect.ts';

/** Lines for godotenv, which takes away every quote at the end of a value in double quotes. */
export const dotenvGo = variablesFormat({
  name: 'dotenv:go',
  help: 'a .env file for godotenv',
  consumer: 'godotenv',
  instead: ['use --format sh and source it', 'use --format json'],
  carriesBytes: true,
  obstacle(text) {
    if (!text.endsWith('"')) return undefined;
    return /'|\r\n/.test(text) ? `ends with '"' and also holds "'" or a CRLF` : undefined;
  },
  write: (name, text) => (text.endsWith('"') ? `${name}='${text}'\n` : `${name}="${escapedLine(text, /[\\"$]/g)}"\n`),
});
