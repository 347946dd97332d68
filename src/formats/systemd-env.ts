import { variablesRenderer } from './dialect.ts';

/** Lines for systemd's `EnvironmentFile=`. */
export const systemdEnv = variablesRenderer({
  consumer: 'systemd',
  instead: ['use LoadCredential= with a file of its own'],
  // systemd gives up the whole file when it holds one of the code points that stand for no character.
  obstacle: (text) =>
    /\p{Noncharacter_Code_Point}/u.test(text) ? 'holds a code point that is no character' : undefined,
  spell: (text) => text.replace(/[\\"$`]/g, String.raw`\$&`),
  write: (name, spelled) => `${name}="${spelled}"\n`,
});
