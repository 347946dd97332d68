import { escapedLine } from './quote.ts';
import { variablesFormat } from './dialect.ts';

/** Lines for Docker Compose (compose-go). */
export const dotenvCompose = variablesFormat({
  name: 'dotenv:compose',
  help: 'a .env or env_file for Docker Compose',
  consumer: 'Docker Compose',
  instead: [],
  carriesBytes: true,
  write: (name, text) => `${name}="${escapedLine(text, /[\\"$]/g)}"\n`,
});
