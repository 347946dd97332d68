import { escapedLine } from './quote.ts';
import { variablesRenderer } from './dialect.ts';

/** Lines for python-dotenv, which expands `${…}` in every kind of quotes and takes a last backslash for an escape. */
export const dotenvPython = variablesRenderer({
  consumer: 'python-dotenv',
  instead: ['use --format sh and source it', 'use --format json'],
  obstacle(text) {
    if (text.includes('${')) return 'holds "${", which it expands and cannot be told not to';
    return text.endsWith('\\') ? 'ends with a backslash' : undefined;
  },
  spell: (text) => escapedLine(text, /[\\"]/g),
  write: (name, spelled) => `${name}="${spelled}"\n`,
});
