import type { PolicyText } from '../types.ts';
import { policyFault } from './policy-file.ts';

/** One word of a line: runs of harmless characters, quoted text, an escaped quote. */
const PIECE = /([\w%+,./:=@-]+)|'([^']*)'|\\'|"\$([A-Z_]+)"/y;

/**
 * The command lines of a document, each as its words, as a POSIX shell would take them apart. Anything that a shell
 * might do something with is a fault: a substitution, a glob, a comment in a line, an unfinished quote. A line that
 * ends in a backslash goes on. Variables may stand in double quotes only and come back as `$NAME`.
 */
export function commandLines({ name, text }: PolicyText): readonly (readonly string[])[] {
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('# ')).map((line) => wordsOf(line, name));
}

function wordsOf(line: string, document: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length;) {
    if (line[at] === ' ') {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
      continue;
    }
    PIECE.lastIndex = at;
    const piece = PIECE.exec(line);
    if (piece === null) throw policyFault(document, 'a shell would not take a line of it as it stands');
    const [whole, plain, inQuotes, variable] = piece;
    word = `${word ?? ''}${plain ?? inQuotes ?? (variable === undefined ? "'" : `$${variable}`)}`;
    at += whole.length;
  }
  return word === undefined ? words : [...words, word];
}
