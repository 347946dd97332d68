import { variablesRenderer } from './dialect.ts';

/** Longest line of a batch file, in characters, with some to spare. */
const LONGEST_LINE = 8000;

/** `set` lines of a batch file. Only characters that mean nothing to cmd.exe wherever they stand are let through. */
export const cmd = variablesRenderer({
  consumer: 'cmd.exe',
  instead: ['use --format powershell'],
  obstacle(text) {
    if (text === '') return 'is empty, which removes a variable';
    if (text.length > LONGEST_LINE) return `has more than ${LONGEST_LINE} characters`;
    if (/[\r\n]/.test(text)) return 'holds a line break';
    return /^[A-Za-z0-9 _.,:;/\\@#=+~$*?{}[\]'-]*$/.test(text)
      ? undefined
      : 'holds characters that cmd.exe may act upon';
  },
  write: (name, text) => `@set "${name}=${text}"\r\n`,
});
