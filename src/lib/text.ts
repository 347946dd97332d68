/** Longest piece of foreign text that a message shows, in characters. */
const LONGEST_SHOWN = 200;

/**
 * Text from outside (a claim, a server's error code, a path), safe for a terminal and for a CI's log: control,
 * format and bidirectional characters and lone surrogates are written as `\u{…}`, the openings of the CIs' log
 * commands are broken, and at most 200 characters are shown.
 */
export function visible(text: string): string {
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return harmless(withoutControls(cut));
}

/**
 * The same characters escaped in a text of any length: the last guard of a whole line. Characters that have no width go
 * with them: a reader that compares by a language's rules finds `##vso[` with one of them inside.
 */
export function withoutControls(text: string): string {
  if (isPrintableAscii(text)) return text;
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, escaped);
}

/**
 * Whether a text is of printable ASCII alone. Nearly all is, and what asks this first is spared the tables of Unicode, which
 * cost a short run milliseconds to set up.
 */
export function isPrintableAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** The same, in double quotes. */
export function quoted(text: string): string {
  return `"${visible(text)}"`;
}

/**
 * Breaks what a CI would read as a command anywhere in a line of its log, in capitals too: `##vso[`, `##[`,
 * `##teamcity[` and their like, `::`, `section_start:` and what Travis folds by (ci-platforms-and-formats.md, section
 * 4.1 and trap 6). What is broken once stays as it is.
 */
export function harmless(text: string): string {
  return text
    .replace(/##(?=[a-z]*\[)/gi, '#\\#')
    .replace(/:(?=:)/g, ':\\')
    .replace(/(section_(?:start|end)|travis_(?:fold|time)):/gi, '$1\\:');
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/**
 * The candidate nearest to a mistyped word, whatever its letter case, or the only one that has it as a part (`github` of
 * `github-env`); undefined when none is near enough to be meant.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  // Of a letter or two nothing would be left to recognise.
  const limit = word.length < 3 ? 0 : Math.max(1, Math.floor(word.length / 3));
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), limit);
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  if (best !== undefined || limit === 0) return best?.candidate;
  const [only, ...others] = candidates.filter((candidate) => partsOf(candidate).includes(word.toLowerCase()));
  return others.length === 0 ? only : undefined;
}

function partsOf(candidate: string): readonly string[] {
  return candidate.toLowerCase().split(/[^a-z0-9]+/);
}

/** What follows a refusal of a word where only some are taken: `; did you mean "json"?`, or nothing. Never the word itself. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? '' : `; did you mean ${quoted(meant)}?`;
}

/**
 * Optimal string alignment distance: letters left out, put in, replaced, and neighbours swapped. Words whose lengths
 * differ by more than `limit` are not compared.
 */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      const isSwapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const swap = isSwapped ? (beforePrevious[column - 2] ?? Infinity) + 1 : Infinity;
      current.push(Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, substitution, swap));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}

/** A duration as people say it: `45 s`, `10 min`, `2 h`, `3 days`. Rounded to the nearest of the unit shown, without sign. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 120 * 60) return `${Math.round(seconds / 60)} min`;
  const hours = Math.round(seconds / 3600);
  return hours <= 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
