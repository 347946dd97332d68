import { SecretctlError } from '../lib/errors.ts';
import { visible } from '../lib/text.ts';

/** Most characters that open, close or separate something: each costs a reader memory and time. */
const MOST_STRUCTURE = 30_000;

/** Throws CONFIG_TOO_BIG for a text whose structure would take too long to read. */
export function refuseTooMuch(text: string, file: string): void {
  const structure = text.match(/[\n\t,[\]{}&*!%?:"'#@\\]|-(?=\s)/g)?.length ?? 0;
  if (structure > MOST_STRUCTURE) throw tooBig(file, 'has more structure than a configuration needs');
}

/** CONFIG_TOO_BIG (78) with a phrase that goes on after the name of the file. */
export function tooBig(file: string, phrase: string): SecretctlError {
  return new SecretctlError('CONFIG_TOO_BIG', `${visible(file)} ${phrase}`);
}
