/** `'…'` for any POSIX shell: every byte stands for itself, a single quote becomes `'\''`. NUL cannot be written. */
export function singleQuoted(value: Buffer): Buffer {
  const pieces: Buffer[] = [QUOTE];
  let start = 0;
  for (let at = value.indexOf(0x27); at !== -1; at = value.indexOf(0x27, start)) {
    pieces.push(value.subarray(start, at), ESCAPED_QUOTE);
    start = at + 1;
  }
  pieces.push(value.subarray(start), QUOTE);
  return Buffer.concat(pieces);
}

const QUOTE = Buffer.from("'");
const ESCAPED_QUOTE = Buffer.from("'\\''");

/** A text without the pair of quotes around it, if there is one. */
export function withoutQuotes(text: string): string {
  return /^(["'`])[^]*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

/** Text for one line in double quotes: a backslash before each of `special`, line ends as `\\n` and `\\r`. */
export function escapedLine(text: string, special: RegExp): string {
  return text
    .replace(special, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`);
}

/**
 * `"…"` as YAML 1.1 and 1.2 both read it: quote, backslash and everything that is not printable escaped, so that one
 * line holds all; printable text of any script is kept.
 */
export function yamlQuoted(text: string): string {
  return `"${yamlEscaped(text)}"`;
}

/** What stands between those quotes. */
export function yamlEscaped(text: string): string {
  // \p{C} also takes in what is unassigned or private today: a reader may know less than this engine.
  return text.replace(/["\\\p{C}\p{Zl}\p{Zp}]/gu, yamlEscape);
}

const YAML_SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function yamlEscape(character: string): string {
  const short = YAML_SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  if (code <= 0xffff) return `\\u${hex(code, 4)}`;
  return `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}
