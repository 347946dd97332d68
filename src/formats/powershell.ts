import { variablesRenderer } from './dialect.ts';
import type { Renderer } from './types.ts';

const lines = variablesRenderer({
  consumer: 'PowerShell',
  instead: ['use --format json and ConvertFrom-Json'],
  obstacle: (text) => (text === '' ? 'is empty, which removes a variable before PowerShell 7.5' : undefined),
  // It takes four more characters for a single quote (CodeGeneration.EscapeSingleQuotedStringContent).
  spell: (text) => text.replace(/['\u2018-\u201b]/g, '$&$&'),
  write: (name, spelled) => `$env:${name} = '${spelled}'\n`,
});

const MARK = Buffer.from('\ufeff');

/** `$env:NAME = '…'` lines. A file that is not ASCII begins with a byte order mark: without, Windows PowerShell reads it as ANSI. */
export const powershell: Renderer = {
  ...lines,
  render(secrets, circumstances) {
    const bytes = lines.render(secrets, circumstances);
    const isMarked = circumstances.destination === 'file' && bytes.some((byte) => byte > 127);
    return isMarked ? Buffer.concat([MARK, bytes]) : bytes;
  },
};
