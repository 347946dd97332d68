/** How a shell writes characters between `$'` and `'`. */
interface DollarStyle {
  readonly quote: string;
  /** Letters of the controls that have one. */
  readonly named: Readonly<Record<string, string>>;
  /** Any other control, and each byte of what is no character here; some write it differently before a hex digit. */
  byte(code: number, isBeforeDigit: boolean): string;
  /** Characters that are not written as they are; undefined in a locale without UTF-8, where all are taken by their bytes. */
  readonly odd?: RegExp;
  /** How such a character is written; undefined: by its bytes. */
  point?(point: number): string | undefined;
  /** Without UTF-8: the first byte from which on they are written as they are. */
  readonly plainFrom?: number;
}

const LETTERS = { '\x07': 'a', '\b': 'b', '\x1b': 'E', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v' };
const FEW_LETTERS = { '\n': 'n', '\t': 't' };

function octal(code: number): string {
  return `\\${code.toString(8).padStart(3, '0')}`;
}

function hex(code: number, isBeforeDigit: boolean): string {
  const digits = code.toString(16).padStart(2, '0');
  return isBeforeDigit ? `\\x[${digits}]` : `\\x${digits}`;
}

/** zsh: `\C-A`, `\M-a`, `\M-\C-?`. */
function caret(code: number): string {
  if (code >= 0x80) return `\\M-${caret(code & 0x7f)}`;
  if (code === 0x0a || code === 0x09) return code === 0x0a ? '\\n' : '\\t';
  return code < 0x20 || code === 0x7f ? `\\C-${String.fromCharCode(code ^ 0x40)}` : String.fromCharCode(code);
}

function zshPoint(point: number): string {
  if (point < 0x100) return caret(point);
  const digits = point.toString(16);
  return point > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
}

function mkshPoint(point: number): string | undefined {
  return point > 0xffff ? undefined : `\\u${point.toString(16).padStart(4, '0')}`;
}

/** bash, ksh, zsh and mksh, each in a UTF-8 locale and in another one; as they print words under `set -x`. */
const STYLES: readonly DollarStyle[] = [
  { quote: "\\'", named: LETTERS, byte: octal, odd: /[\p{Cc}\p{Cn}\p{Zl}\p{Zp}]/u },
  { quote: "\\'", named: LETTERS, byte: octal },
  { quote: "\\'", named: LETTERS, byte: hex, odd: /[\p{C}\p{Z}]/u, point: (point) => `\\u[${point.toString(16)}]` },
  { quote: "\\'", named: LETTERS, byte: hex },
  { quote: "\\'", named: FEW_LETTERS, byte: caret, odd: /[\p{Cc}\p{Cn}\p{Zl}\p{Zp}]/u, point: zshPoint },
  { quote: "\\'", named: FEW_LETTERS, byte: caret },
  { quote: '\\047', named: LETTERS, byte: octal, odd: /[\p{Cc}\u{10000}-\u{10ffff}]/u, point: mkshPoint },
  { quote: '\\047', named: LETTERS, byte: octal, plainFrom: 0xa0 },
];

/**
 * A value, a character for each byte, as shells write it where they trace commands (`set -x`) or quote for reuse
 * (`printf %q`): without the quotes around the word, which may stay. Measured with dash, bash, busybox, zsh, ksh93 and mksh.
 */
export function* shellForms(bytes: string): Generator<string> {
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
  if (/[\0-\x1f\x7f-\xff'\\]/.test(bytes)) for (const style of STYLES) yield dollarQuoted(bytes, style);
  yield* assigned(bytes);
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

/** A character of UTF-8 (RFC 3629, section 4), or a byte that needs a second look. */
const CHARACTERS =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[^ -&(-[\]-~]/g;
const BYTES = /[^ -&(-[\]-~]/g;

/** Inside of `$'…'`. Bytes that are no UTF-8, and all of them in a locale without it, are taken one by one. */
function dollarQuoted(bytes: string, style: DollarStyle): string {
  const { odd, point, plainFrom = 0x100 } = style;
  return bytes.replace(odd === undefined ? BYTES : CHARACTERS, (units, at: number) => {
    const isBeforeDigit = /[0-9a-f]/i.test(bytes.charAt(at + units.length));
    const byBytes = (): string =>
      units.replace(/[^]/g, (unit) =>
        unit.charCodeAt(0) >= plainFrom ? unit : style.byte(unit.charCodeAt(0), isBeforeDigit),
      );
    const sign = signOf(units, style);
    if (sign !== undefined || units.length === 1) return sign ?? byBytes();
    const character = Buffer.from(units, 'latin1').toString();
    if (odd?.test(character) === false) return units;
    return point?.(character.codePointAt(0) ?? 0) ?? byBytes();
  });
}

/** A quotation mark, a backslash, or a control that has a letter. */
function signOf(character: string, { quote, named }: DollarStyle): string | undefined {
  if (character === "'") return quote;
  if (character === '\\') return '\\\\';
  const letter = named[character];
  return letter === undefined ? undefined : `\\${letter}`;
}

/** ksh93: what looks like an assignment is quoted behind its sign. */
function* assigned(bytes: string): Generator<string> {
  const name = /^[A-Za-z_]\w*=+/.exec(bytes)?.[0];
  if (name === undefined) return;
  yield `${name}'${bytes.slice(name.length)}`;
  for (const style of STYLES.slice(2, 4)) yield `${name}$'${dollarQuoted(bytes.slice(name.length), style)}`;
}

/** `printf %q` of bash and of zsh, and what is like it: a backslash before each sign, line ends and bytes that are no ASCII in quotes of their own. */
function* backslashed(bytes: string): Generator<string> {
  const signs = bytes.replace(/[\t-\r '"\\|&;()<>!{}*[\]?^$`,]/g, (sign) => (sign === '\n' ? sign : `\\${sign}`));
  yield signs;
  yield signs.replace(/^[#~]/, '\\$&');
  yield signs.replace(/[#~=]/g, '\\$&');
  // Ruby's `shellescape`, which Rake and fastlane show commands with; a character of several bytes gets one backslash.
  yield bytes.replace(/[^\w.,:+/@\n\x80-\xbf-]/g, '\\$&').replaceAll('\n', "'\n'");
  yield signs.replace(/[\n\x7f-\xff]/g, (unit) => (unit === '\n' ? "$'\\n'" : `$'${octal(unit.charCodeAt(0))}'`));
}

/** What zsh writes of a `case` word: the bytes that mean something to itself with a mark before them. */
function metafied(bytes: string): string {
  return bytes.replace(/[\x83-\xa2]/g, (unit) => `\x83${String.fromCharCode(unit.charCodeAt(0) ^ 0x20)}`);
}
