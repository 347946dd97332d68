import { binary } from './written-forms.ts';

/** How a shell writes characters between `$'` and `'`. */
interface DollarStyle {
  readonly quote: string;
  /** Letters of the controls that have one. */
  readonly named: Readonly<Record<string, string>>;
  /** Any other control, and each byte of what is no character here. */
  byte(code: number): string;
  /** A character that cannot be printed; undefined: by its bytes. */
  unprintable?(point: number): string;
  /** What is written by its bytes though it can be printed. */
  readonly foreign?: RegExp;
}

const LETTERS = { '\x07': 'a', '\b': 'b', '\x1b': 'E', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v' };

function octal(code: number): string {
  return `\\${code.toString(8).padStart(3, '0')}`;
}

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** zsh: `\C-A`, `\M-a`, `\M-\C-?`. */
function caret(code: number): string {
  if (code >= 0x80) return `\\M-${caret(code & 0x7f)}`;
  return code < 0x20 || code === 0x7f ? `\\C-${String.fromCharCode(code ^ 0x40)}` : String.fromCharCode(code);
}

function hex4(point: number): string {
  return point.toString(16).padStart(4, '0');
}

/** bash, ksh, zsh and mksh, each in a UTF-8 locale and in another one; as they print words under `set -x`. */
const STYLES: readonly DollarStyle[] = [
  { quote: "\\'", named: LETTERS, byte: octal },
  { quote: "\\'", named: LETTERS, byte: octal, foreign: /[^\0-\x7f]/u },
  { quote: "\\'", named: LETTERS, byte: hex, unprintable: (point) => `\\u[${hex4(point)}]` },
  { quote: "\\'", named: LETTERS, byte: hex, foreign: /[^\0-\x7f]/u },
  { quote: "\\'", named: { '\n': 'n', '\t': 't' }, byte: caret, unprintable: (point) => `\\u${hex4(point)}` },
  { quote: "\\'", named: { '\n': 'n', '\t': 't' }, byte: caret, foreign: /[^\0-\x7f]/u },
  { quote: '\\047', named: LETTERS, byte: octal, foreign: /[^\0-\uffff]/u },
  { quote: '\\047', named: LETTERS, byte: octal, foreign: /[^\0-\x7f]/u },
];

/**
 * A value, a character for each byte, as shells write it where they trace commands (`set -x`) or quote for reuse
 * (`printf %q`): without the quotes around the word, which may stay. Measured with dash, bash, busybox, zsh, ksh93 and mksh.
 */
export function* shellForms(bytes: string, text: string | undefined): Generator<string> {
  if (bytes.includes("'")) {
    for (const form of singleQuoted(bytes)) {
      yield form;
      // Where the word begins or ends with a quotation mark, its own quotes are left out by some.
      yield form.replace(/^'/, '').replace(/'$/, '');
      yield form.replace(/'$/, '');
      yield form.replace(/^'/, '');
    }
  }
  yield bytes.replace(/[\\"$`]/g, '\\$&');
  yield bytes.replace(/[\\"$`!]/g, '\\$&');
  if (/[\0-\x1f\x7f-\xff'\\]/.test(bytes)) for (const style of STYLES) yield dollarQuoted(bytes, text, style);
  yield* backslashed(bytes);
  if (/[\x83-\xa2]/.test(bytes)) yield metafied(bytes);
}

function singleQuoted(bytes: string): string[] {
  return [
    bytes.replaceAll("'", "'\\''"),
    bytes.replaceAll("'", `'"'"'`),
    bytes.replace(/'+/g, (run) => `'${"\\'".repeat(run.length)}'`),
    bytes.replace(/'+/g, (run) => `'"${run}"'`),
  ];
}

/** Inside of `$'…'`. Bytes that are no UTF-8 are taken one by one. */
function dollarQuoted(bytes: string, text: string | undefined, style: DollarStyle): string {
  if (text === undefined) return bytes.replace(/[^ -&(-[\]-~]/g, (unit) => signOf(unit, style) ?? bytesOf(unit, style));
  return text.replace(/[^ -&(-[\]-~]/gu, (character) => {
    const sign = signOf(character, style);
    if (sign !== undefined) return sign;
    const isPrinted = !/[\p{Cc}\p{Cn}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u.test(character);
    if (isPrinted && style.foreign?.test(character) !== true) return binary(character);
    const point = character.codePointAt(0) ?? 0;
    return (point < 0x80 ? undefined : style.unprintable?.(point)) ?? bytesOf(binary(character), style);
  });
}

/** A quotation mark, a backslash, or a control that has a letter. */
function signOf(character: string, { quote, named }: DollarStyle): string | undefined {
  if (character === "'") return quote;
  if (character === '\\') return '\\\\';
  const letter = named[character];
  return letter === undefined ? undefined : `\\${letter}`;
}

function bytesOf(bytes: string, style: DollarStyle): string {
  return bytes.replace(/[^]/g, (unit) => style.byte(unit.charCodeAt(0)));
}

/** `printf %q` of bash and of zsh: a backslash before each sign, line ends and bytes that are no ASCII in quotes of their own. */
function* backslashed(bytes: string): Generator<string> {
  const signs = bytes.replace(/[\s'"\\|&;()<>!{}*[\]?^$`,]/g, (sign) => (sign === '\n' ? sign : `\\${sign}`));
  yield signs;
  yield signs.replace(/^[#~]/, '\\$&');
  yield signs.replace(/[#~=]/g, '\\$&');
  yield signs.replace(/[\n\x7f-\xff]/g, (unit) => (unit === '\n' ? "$'\\n'" : `$'${octal(unit.charCodeAt(0))}'`));
}

/** What zsh writes of a `case` word: the bytes that mean something to itself with a mark before them. */
function metafied(bytes: string): string {
  return bytes.replace(/[\x83-\xa2]/g, (unit) => `\x83${String.fromCharCode(unit.charCodeAt(0) ^ 0x20)}`);
}
