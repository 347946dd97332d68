import { variablesRenderer } from './dialect.ts';

/** `set -gx` lines that fish sources: inside `'…'` only the quote and the backslash mean something. */
export const fish = variablesRenderer({
  consumer: 'fish',
  instead: [],
  carriesBytes: true,
  owns: /^(?:_|argv|history|hostname|pipestatus|status|status_generation|umask|version|fish_.*|FISH_VERSION|PWD|SHLVL)$/,
  spell: (text) => text.replace(/[\\']/g, String.raw`\$&`),
  write: (name, spelled) => `set -gx ${name} '${spelled}'\n`,
});
