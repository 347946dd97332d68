import { escapedLine } from './quote.ts';
import { variablesRenderer } from './dialect.ts';

/** Lines for Docker Compose (compose-go). */
export const dotenvCompose = variablesRenderer({
  consumer: 'Docker Compose',
  instead: [],
  carriesBytes: true,
  write: (name, text) => `${name}="${escapedLine(text, /[\\"$]/g)}"\n`,
});
