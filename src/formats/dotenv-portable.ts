import { variablesRenderer } from './dialect.ts';

/** `NAME='…'` lines without anything that any reader treats in its own way: the one spelling common to all. */
export const dotenvPortable = variablesRenderer({
  consumer: 'some reader of .env files',
  instead: ['name the reader: --format dotenv, dotenv:python, dotenv:ruby, dotenv:go, dotenv:compose or dotenv:bun'],
  obstacle(text) {
    const found = /[\r'\\$]/.exec(text)?.[0];
    if (found === undefined) return undefined;
    return found === '\r' ? 'holds a carriage return' : `holds ${found === "'" ? `"'"` : `"${found}"`}`;
  },
  write: (name, text) => `${name}='${text}'\n`,
});
