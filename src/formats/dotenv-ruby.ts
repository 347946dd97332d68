import { variablesFormat } from './dialect.ts';

/** Lines for Ruby's dotenv from version 3 on, which runs what stands in an unescaped `$(…)`. */
export const dotenvRuby = variablesFormat({
  name: 'dotenv:ruby',
  help: 'a .env file for Ruby dotenv 3 and later',
  consumer: 'Ruby dotenv',
  instead: ['use --format sh and source it', 'use --format json'],
  obstacle(text) {
    if (text.includes('\r')) return 'holds a carriage return';
    return text.includes('\\$(') ? 'holds a backslash before "$(", which it might run as a command' : undefined;
  },
  write: (name, text) => `${name}="${text.replace(/[\\"$]/g, String.raw`\$&`)}"\n`,
});
