import type { Needle } from '../../src/output/needle-set.ts';

/**
 * What the redactor of streams must make of a whole input, done in the simplest way: every needle is looked for at every
 * place, overlapping ones are united, and each union becomes the placeholder of its leftmost, longest needle.
 */
export function naivelyRedacted(needles: readonly Needle[], placeholders: readonly string[], input: string): string {
  const found: { start: number; end: number; label: number }[] = [];
  for (const { bytes, label, isWord } of effective(needles).toSorted((one, two) => (one.bytes < two.bytes ? -1 : 1))) {
    for (let start = 0; start < input.length; start++) {
      const rest = input.slice(start);
      const isFree = !isWord || !isAlphanumeric(input[start - 1]);
      if (!isFree) continue;
      const isWhole = rest.startsWith(bytes) && !(isWord && isAlphanumeric(input[start + bytes.length]));
      if (isWhole) found.push({ start, end: start + bytes.length, label });
      const isCutOff = rest.length >= 4 && 2 * rest.length >= bytes.length && bytes.startsWith(rest);
      if (isCutOff) found.push({ start, end: input.length, label });
    }
  }
  found.sort((one, two) => (one.start === two.start ? two.end - one.end : one.start - two.start));
  let [result, settled, covered] = ['', 0, 0];
  for (const { start, end, label } of found) {
    if (start >= covered) result += input.slice(settled, start) + (placeholders[label] ?? '');
    covered = Math.max(covered, end);
    settled = covered;
  }
  return result + input.slice(settled);
}

/** Each byte string once: the first, but one that is no word before one that is. */
function effective(needles: readonly Needle[]): Needle[] {
  const strict = needles.filter((needle) => !needle.isWord);
  const all = [...strict, ...needles.filter((needle) => needle.isWord)];
  return all.filter((needle, index) => all.findIndex((other) => other.bytes === needle.bytes) === index);
}

function isAlphanumeric(character: string | undefined): boolean {
  return character !== undefined && /[A-Za-z0-9]/.test(character);
}
