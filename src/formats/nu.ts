import { variablesRenderer } from './dialect.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': String.raw`\\`,
  '"': String.raw`\"`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
};

/** `$env.NAME = "…"` lines that nushell sources. */
export const nu = variablesRenderer({
  consumer: 'nushell',
  instead: ['use --format json and `from json`'],
  owns: /^(?:PWD|FILE_PWD|CURRENT_FILE|PROCESS_PATH|NU_VERSION|ENV_CONVERSIONS|LAST_EXIT_CODE|CMD_DURATION_MS|config)$/i,
  spell: (text) => text.replace(/["\\\n\r\t]/g, (character) => ESCAPES[character] ?? character),
  write: (name, spelled) => `$env.${name} = "${spelled}"\n`,
});
