import { variablesRenderer } from './dialect.ts';

/** Docker reads lines of fewer bytes. */
const LINE_LIMIT = 65_536;

/** Lines for `docker run --env-file`, which knows no quotes and no escapes. */
export const dockerEnv = variablesRenderer({
  consumer: 'docker --env-file',
  instead: ['use --format dotenv:compose with Docker Compose'],
  obstacle(text) {
    if (text.includes('\n')) return 'holds a line break';
    if (text.endsWith('\r')) return 'ends with a carriage return';
    // A name has at most 255 characters.
    return Buffer.byteLength(text) + 256 >= LINE_LIMIT ? `has too many bytes for a line, ${LINE_LIMIT}` : undefined;
  },
  write: (name, text) => `${name}=${text}\n`,
});
