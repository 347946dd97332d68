import { escapedLine } from './quote.ts';
import { variablesRenderer } from './dialect.ts';

/** Lines for Docker Compose (compose-go). */
export const dotenvCompose = variablesRenderer({
  consumer: 'Docker Compose',
  instead: [],
  carriesBytes: true,
  spell: (text) => escapedLine(text, /[\\"$]/g),
  write: (name, spelled) => `${name}="${spelled}"\n`,
});
