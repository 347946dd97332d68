import { SecretctlError } from './errors.ts';

/**
 * What a terminal or a CI's log would take for something else: controls, directions, and the openings of log commands. Not the
 * `::` of an ARN: no command's name begins with a digit.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?<=#)#(?=(?:vso|teamcity)?\[)|(?<=:):(?=\D)|(?<=section_(?:start|end)):/gu;

/**
 * A value as indented JSON whose strings are safe to print: what a log would read as a command is escaped, which no
 * reader of JSON sees.
 */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(/[^\n]+/g, (line) => line.replace(UNSAFE, escapedUnits));
}

/** A text as a double-quoted literal of YAML, HCL and CEL, which all have `\u1234` and `\U00012345`; safe to print. */
export function literal(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, escapedPoint);
}

/**
 * A text as one word of a POSIX shell. Throws POLICY_IMPOSSIBLE (65) for one with control characters, which a line
 * that people copy cannot hold; `what` says what it is.
 */
export function shellWord(text: string, what: string): string {
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) {
    throw new SecretctlError('POLICY_IMPOSSIBLE', `${what} has control characters and cannot stand in a command line`);
  }
  return /^[\w%+,./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function escapedUnits(character: string): string {
  return character
    .split('')
    .map((unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

function escapedPoint(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const digits = point.toString(16);
  return point > 0xff_ff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
}
