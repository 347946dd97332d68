import { quoted } from './text.ts';

/**
 * What a token or key looks like, wherever it stands in a word: a JWT, the prefixes that vendors give to theirs so
 * that they are recognised, a private key.
 */
const SECRET_SHAPES: readonly RegExp[] = [
  /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}/,
  /(?<![A-Za-z0-9])(?:glpat|glptt|gldt|glrt|glcbt|glsoat|glft|glimt|glagent)-[A-Za-z0-9_-]{16,}/,
  /(?<![A-Za-z0-9])(?:gh[oprsu]_|github_pat_|npm_|pypi-|dop_v1_|dckr_pat_)[A-Za-z0-9_-]{16,}/,
  /(?<![A-Za-z0-9])(?:hv[bsr]\.|dp\.(?:st|pt|ct)\.|sk_live_|rk_live_|xox[abeoprs]-|ya29\.|ops_|AIza)[A-Za-z0-9_.-]{16,}/,
  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
];

/** Whether a text holds what looks like a token or a key. */
export function looksSecret(text: string): boolean {
  return SECRET_SHAPES.some((shape) => shape.test(text));
}

/** A word of a command line for a message, in quotes; not what it says where that looks like a token or a key. */
export function quotedWord(word: string): string {
  return quoted(looksSecret(word) ? '[redacted]' : word);
}
