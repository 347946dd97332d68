import { ENDPOINT_TAKES, readEndpoint } from './endpoint.ts';
import { jsonIn } from './json.ts';
import { Sensitive } from './sensitive.ts';
import { type Parser, SettingFault } from './settings.ts';
import { isPrintableAscii } from './text.ts';

/** One line of text, at least one character. */
export const text: Parser<string> = {
  takes: 'text of one line',
  schema: { type: 'string', minLength: 1, pattern: '^[^\\u0000-\\u001f\\u007f]+$' },
  parse(input) {
    if (input === '' || hasControls(input)) throw new SettingFault(text.takes);
    return input;
  },
};

function hasControls(input: string): boolean {
  return !isPrintableAscii(input) && /\p{Cc}/u.test(input);
}

/** Text of any number of lines, at least one character: PEM. */
export const lines: Parser<string> = {
  takes: 'text',
  schema: { type: 'string', minLength: 1 },
  parse(input) {
    if (input === '') throw new SettingFault(lines.takes);
    return input;
  },
};

/** The path of a file or directory. One that stands in the configuration file is relative to that file's directory. */
export const filePath: Parser<string> = {
  takes: 'a path',
  schema: { type: 'string', minLength: 1, pattern: '^[^\\u0000-\\u001f\\u007f]+$' },
  isPath: true,
  parse(input) {
    if (input === '' || hasControls(input)) throw new SettingFault(filePath.takes);
    return input;
  },
};

/** A secret that a backend is configured with: a password. A variable holds it, or another backend does. */
export const secretText: Parser<Sensitive> = {
  takes: 'secretctl: and a reference to a secret of another backend; the secret itself stands in a variable only',
  schema: { type: 'string', minLength: 1 },
  isSecret: true,
  parse: (input) => new Sensitive(input),
  show: () => '[sensitive]',
};

/** A switch: its flag takes no value. */
export const onOff: Parser<boolean> = {
  takes: 'true or false',
  schema: { type: 'boolean' },
  isSwitch: true,
  parse(input) {
    const word = input.toLowerCase();
    if (['true', '1', 'yes', 'on'].includes(word)) return true;
    if (['false', '0', 'no', 'off'].includes(word)) return false;
    throw new SettingFault(onOff.takes);
  },
};

/** A whole number from `least` to `most`, both included. */
export function wholeNumber(least: number, most: number): Parser<number> {
  const takes = `a whole number from ${least} to ${most}`;
  return {
    takes,
    schema: { type: 'integer', minimum: least, maximum: most },
    parse(input) {
      const value = /^-?(?:0|[1-9][0-9]{0,15})$/.test(input) ? Number(input) : Number.NaN;
      if (!(value >= least && value <= most)) throw new SettingFault(takes);
      return value;
    },
  };
}

/** One of these words, as they are written, or another name of one. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  aliases: ReadonlyMap<string, Word> = new Map(),
): Parser<Word> {
  const takes = words.length === 1 ? `"${words[0]}"` : `one of ${words.join(', ')}`;
  return {
    takes,
    schema: { type: 'string', enum: [...words, ...aliases.keys()] },
    parse(input) {
      const word = words.find((candidate) => candidate === input) ?? aliases.get(input);
      if (word === undefined) throw new SettingFault(takes, words);
      return word;
    },
  };
}

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const DAY_MS = 86_400_000;

/** A duration, `500ms`, `90s`, `15m` or `1h`, in milliseconds; more than nothing, at most a day. */
export const durationMs: Parser<number> = {
  takes: 'a duration such as 500ms, 90s, 15m or 1h (at most 24h)',
  schema: { type: 'string', pattern: '^[1-9][0-9]{0,7}(ms|s|m|h)$' },
  parse(input) {
    const parts = /^(?<count>[1-9][0-9]{0,7})(?<unit>ms|s|m|h)$/.exec(input)?.groups;
    const unit = unitNamed(MILLISECONDS, parts?.['unit']);
    const value = Number(parts?.['count']) * (unit ?? Number.NaN);
    if (!(value <= DAY_MS)) throw new SettingFault(durationMs.takes);
    return value;
  },
  show: (value) => inLargest(MILLISECONDS, value),
};

const BYTES = { '': 1, KiB: 1024, MiB: 1_048_576 } as const;

/** A size in bytes, plain or with `KiB` or `MiB`, from 1 to `most`. */
export function byteSize(most: number): Parser<number> {
  const takes = `a size such as 65536, 64KiB or 1MiB (at most ${most / BYTES.MiB}MiB)`;
  return {
    takes,
    schema: { type: ['integer', 'string'], minimum: 1, maximum: most, pattern: '^[1-9][0-9]{0,8}(KiB|MiB)?$' },
    parse(input) {
      const parts = /^(?<count>[1-9][0-9]{0,8})(?<unit>KiB|MiB)?$/.exec(input)?.groups;
      const value = Number(parts?.['count']) * (unitNamed(BYTES, parts?.['unit'] ?? '') ?? Number.NaN);
      if (!(value <= most)) throw new SettingFault(takes);
      return value;
    },
    show: (value) => inLargest(BYTES, value),
  };
}

/** A number of the largest unit that divides it: 60000 ms as `1m`. */
function inLargest(units: Readonly<Record<string, number>>, value: number): string {
  const [name, unit] = Object.entries(units).findLast(([, size]) => value % size === 0) ?? ['', 1];
  return `${value / unit}${name}`;
}

function unitNamed(units: Readonly<Record<string, number>>, name: string | undefined): number | undefined {
  return name !== undefined && Object.hasOwn(units, name) ? units[name] : undefined;
}

/** The URL of an endpoint; its faults carry a reason of their own ({@link readEndpoint}). */
export const endpoint: Parser<URL> = {
  takes: ENDPOINT_TAKES,
  schema: { type: 'string', pattern: '^https?://[^\\s?#@\\\\]+$' },
  parse: readEndpoint,
};

/** An id of 32 hexadecimal digits in five groups (RFC 9562, 4), in lower case. */
export const identifier: Parser<string> = {
  takes: 'an id such as 2f1c9b6e-5a0c-4d0e-8a3e-2f7b6c1d9e80',
  schema: { type: 'string', pattern: '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' },
  parse(input) {
    if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(input)) return input.toLowerCase();
    throw new SettingFault('an id such as 2f1c9b6e-5a0c-4d0e-8a3e-2f7b6c1d9e80');
  },
};

/** The name of an environment variable, never its value. */
export const variableName: Parser<string> = {
  takes: 'the name of a variable (letters, digits and _)',
  schema: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$', maxLength: 255 },
  parse(input) {
    if (!isPlainIdentifier(input)) throw new SettingFault(variableName.takes);
    return input;
  },
};

/** The end of a variable's name; it may be empty. */
export const nameSuffix: Parser<string> = {
  takes: 'letters, digits and _, at most 32, or nothing',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_]{0,32}$' },
  parse(input) {
    if (!/^[A-Za-z0-9_]{0,32}$/.test(input)) throw new SettingFault(nameSuffix.takes);
    return input;
  },
};

/** The name of a file in a directory of ours; none that begins with a dot or that a shell would take apart. */
export const plainFileName: Parser<string> = {
  takes: 'the name of a file: letters, digits, ".", "-" and "_", the first of them no "." or "-", at most 128',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$' },
  parse(input) {
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(input)) throw new SettingFault(plainFileName.takes);
    return input;
  },
};

/** Several of what `item` reads: a flag may be repeated, a variable separates them with commas. */
export function listOf<T>(item: Parser<T>): Parser<readonly T[]> {
  return {
    takes: `a list; each item ${item.takes}`,
    schema: { type: 'array', items: item.schema, minItems: 1 },
    isList: true,
    parse: (input) => input.split(',').map((one) => item.parse(one.trim())),
    show: (values) => values.map((value) => item.show?.(value) ?? String(value)).join(', '),
  };
}

/** A program and its arguments: words with spaces between, or a JSON list where a word has spaces of its own. No shell. */
export const commandWords: Parser<readonly string[]> = {
  takes: 'a program and its arguments: words with spaces between, or a JSON list of texts',
  schema: {
    type: ['string', 'array'],
    minLength: 1,
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    items: { type: 'string', pattern: '^[^\\u0000-\\u001f\\u007f]*$' },
    minItems: 1,
  },
  ofItems: (items) => JSON.stringify(items),
  parse(input) {
    const words = input.startsWith('[') ? textsOf(input) : input.split(' ').filter((word) => word !== '');
    if (words === undefined || words.length === 0 || words[0] === '' || words.some(hasControls)) {
      throw new SettingFault(commandWords.takes);
    }
    return words;
  },
  show: (words) => JSON.stringify(words),
};

/** The items of a JSON list of texts; undefined for any other text. */
function textsOf(input: string): readonly string[] | undefined {
  const json = jsonIn(Buffer.from(input));
  if (json?.kind !== 'array') return undefined;
  const texts = json.items.flatMap((item) => (item.kind === 'string' ? [item.value] : []));
  return texts.length === json.items.length ? texts : undefined;
}

/** Whether a name can be a variable's in every shell: a letter or `_`, then letters, digits and `_`. */
export function isPlainIdentifier(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name);
}
