import { base64Cores } from './spellings.ts';

/** Columns after which programs break base64: PEM (RFC 7468, section 2) and MIME (RFC 2045, 6.8). */
const WIDTHS = [64, 76] as const;

/** Longer base64 is not looked for in a URL. */
const LONGEST_IN_URL = 1024;

/**
 * Base64 and base64url (RFC 4648) of a value, a character for each byte: where it stands in a longer text, at each of
 * the three alignments; of it alone, with a line's end behind it or with its own white space, also broken into lines.
 */
export function* base64Forms(value: Buffer, untrimmed: Buffer): Generator<string> {
  for (const core of base64Cores(value)) {
    yield core;
    yield core.replaceAll('+', '-').replaceAll('/', '_');
    yield* percentOfBase64(core);
  }
  for (const whole of [value, Buffer.concat([value, Buffer.from('\n')]), untrimmed]) {
    const encoded = whole.toString('base64');
    yield encoded;
    yield whole.toString('base64url');
    yield encoded.replaceAll('+', '-').replaceAll('/', '_');
    yield* percentOfBase64(encoded);
    if (encoded.length > WIDTHS[0]) yield* brokenForms(encoded);
  }
}

/** Each line of base64 that is broken into lines, and the last two as one: the very last may be short. */
function* brokenForms(encoded: string): Generator<string> {
  for (const letters of new Set([encoded, encoded.replaceAll('+', '-').replaceAll('/', '_')])) {
    for (const width of WIDTHS) {
      const lines = letters.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
      yield* lines;
      for (const end of ['\n', '\r\n']) yield lines.slice(-2).join(end);
    }
  }
}

function* percentOfBase64(letters: string): Generator<string> {
  if (letters.length > LONGEST_IN_URL || !/[+/=]/.test(letters)) return;
  const upper = encodeURIComponent(letters);
  yield upper;
  yield upper.replace(/%../g, (code) => code.toLowerCase());
}

/** UTF-16LE, plain and in base64 as PowerShell's `-EncodedCommand` has it, and other Unicode normal forms. */
export function* encodedForms(bytes: string, text: string | undefined): Generator<string> {
  const wide = Buffer.from(text ?? bytes, 'utf16le');
  yield wide.toString('latin1');
  yield* base64Cores(wide);
  yield wide.toString('base64');
  if (text === undefined || isAscii(bytes)) return;
  yield binary(text.normalize('NFC'));
  yield binary(text.normalize('NFD'));
}

/** A value in JSON, XML, a URL, source text and the shells of Windows, a character for each byte; not what is the same as it is. */
export function* quotedForms(bytes: string, text: string | undefined): Generator<string> {
  yield* percentForms(bytes);
  yield* xmlForms(bytes);
  yield* windowsForms(bytes);
  yield bytes.replaceAll('$', '$$$$');
  yield* sourceForms(bytes);
  if (text === undefined) return;
  const json = JSON.stringify(text).slice(1, -1);
  for (const form of jsonForms(json)) {
    yield binary(form);
    yield binary(JSON.stringify(form).slice(1, -1));
  }
  if (json !== text) yield* carriedJson(json);
  yield* escapedUnicodeForms(text);
}

/** Of a long value: JSON, JSON in JSON, and as a part of a URL. */
export function* longForms(text: string): Generator<string> {
  const json = JSON.stringify(text).slice(1, -1);
  yield* [json, unicode(json, /[^\0-\x7e]/g), JSON.stringify(json).slice(1, -1)].map(binary);
  if (json !== text) yield* carriedJson(json);
  yield encodeURIComponent(text.toWellFormed());
}

/** JSON that is encoded once more, to be carried in a URL or a file: what is base64 there is not the value's own. */
function* carriedJson(json: string): Generator<string> {
  yield encodeURIComponent(json.toWellFormed());
  for (const core of base64Cores(Buffer.from(json.toWellFormed()))) {
    yield core;
    yield core.replaceAll('+', '-').replaceAll('/', '_');
  }
}

/** Plain, with `\/`, with `<`, `>`, `&` and `'` as code points, with only ASCII, and those together. */
function* jsonForms(json: string): Generator<string> {
  yield dotNetJson(json);
  for (const slashed of new Set([json, json.replaceAll('/', '\\/')])) {
    for (const marked of new Set([slashed, unicode(slashed, /[<>&]/g), unicode(slashed, /[<>&'+]/g)])) {
      yield marked;
      yield unicode(marked, /[^\0-\x7e]/g);
      yield unicode(marked, /[^\0-\x7e]/g).replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`);
    }
  }
}

/** As .NET writes JSON: every sign that means something in HTML as a code point, the quotation mark too. */
function dotNetJson(json: string): string {
  const coded = unicode(json.replaceAll('\\"', '\\u0022'), /[<>&'+`\x7f]|[^\0-\x7f]/g);
  return coded.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`);
}

function unicode(text: string, units: RegExp): string {
  return text.replace(units, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** Go's `%q`, Java and its properties, Python's `repr`, Ruby and C: a backslash before quotes, names or numbers for controls. */
function* sourceForms(bytes: string): Generator<string> {
  const slashed = bytes.replaceAll('\\', '\\\\');
  for (const quotes of [/"/g, /'/g, /["']/g, /(?!)/g]) {
    const escaped = slashed.replace(quotes, '\\$&');
    yield escaped.replace(/[\0-\x1f\x7f]/g, namedOrHex);
    yield escaped.replace(/[\0-\x1f\x7f-\xff]/g, namedOrHex);
  }
  yield slashed.replace(/[\0-\x1f\x7f]/g, namedOrHex).replace(/[ :=#!]/g, '\\$&');
  yield slashed.replace(/[\0-\x1f\x7f]/g, namedOrHex).replace(/[:=#!]/g, '\\$&');
}

function namedOrHex(unit: string): string {
  return NAMED[unit] ?? `\\x${unit.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Go's `%+q`, Python's `ascii`, YAML in double quotes, and Java's `\u`, in both cases of the digits. */
function* escapedUnicodeForms(text: string): Generator<string> {
  const escaped = text.replace(/[\\"]/g, '\\$&').replace(/[\x07-\r]/g, (unit) => NAMED[unit] ?? unit);
  if (!/[^\x20-\x7e]/.test(escaped)) return;
  const points = escaped.replace(/[^\x20-\x7e]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) return `\\x${point.toString(16).padStart(2, '0')}`;
    return point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`;
  });
  yield points;
  yield escaped.replace(/[^\x20-\x7e]/gu, (character) => shortest(character, 'lower'));
  yield escaped.replace(/[^\x20-\x7e]/gu, (character) => shortest(character, 'upper'));
  const units = unicode(escaped, /[^\x20-\x7e]/g);
  yield units;
  yield units.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`);
}

function shortest(character: string, digits: 'lower' | 'upper'): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  const cased = digits === 'lower' ? hex : hex.toUpperCase();
  if (hex.length <= 2) return `\\x${cased.padStart(2, '0')}`;
  return hex.length > 4 ? `\\U${cased.padStart(8, '0')}` : `\\u${cased.padStart(4, '0')}`;
}

/** The characters that the usual encoders of URLs leave as they are. */
const UNENCODED = [
  /[^A-Za-z0-9\-_.!~*'()]/g,
  /[^A-Za-z0-9\-_.~]/g,
  /[^A-Za-z0-9\-_.*]/g,
  /[^A-Za-z0-9\-_.~/]/g,
  /[^A-Za-z0-9\-_.!~*'();/?:@&=+$,#]/g,
  /[^A-Za-z0-9\-_.!~*'();:@&=+$,/]/g,
  /[^A-Za-z0-9\-_.!~*'();:@&=+$,]/g,
];

/** What Go leaves in a URL's user part, segments and path, and the URL standard of browsers, Node and Rust in user part, path and query. */
const UNENCODED_PARTS = [
  /[^A-Za-z0-9\-_.~$&+,;=]/g,
  /[^A-Za-z0-9\-_.~$&+=:@]/g,
  /[^A-Za-z0-9\-_.~$&+,/:;=@]/g,
  /[^A-Za-z0-9\-_.~!$%&'()*+,]/g,
  /[\0- "#<>?^`{}\x7f-\xff]/g,
  /[\0- "#<>'\x7f-\xff]/g,
];

/** RFC 3986, the form encoding of HTML, what JavaScript, Go, Python and PHP make of paths and queries, and GitHub's commands of data. */
function* percentForms(bytes: string): Generator<string> {
  yield bytes.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  for (const encoded of UNENCODED_PARTS) yield percentEncoded(bytes, encoded);
  for (const encoded of UNENCODED) {
    const upper = percentEncoded(bytes, encoded);
    if (upper === bytes) continue;
    for (const form of [upper, upper.replace(/%../g, (code) => code.toLowerCase())]) {
      yield form;
      yield form.replaceAll('%20', '+');
      yield form.replaceAll('%', '%25');
    }
  }
}

function percentEncoded(bytes: string, encoded: RegExp): string {
  return bytes.replace(encoded, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** XML 1.0 and HTML: only what must be, also the quotes by name or number; and what Mustache and Handlebars make of other signs. */
function* xmlForms(bytes: string): Generator<string> {
  yield bytes.replace(/[&<>"'`=/]/g, (sign) => MUSTACHE[sign] ?? sign);
  yield bytes.replace(/[&<>"'`=]/g, (sign) => (sign === "'" ? '&#x27;' : (MUSTACHE[sign] ?? sign)));
  if (!/[&<>"']/.test(bytes)) return;
  const text = bytes.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  for (const marked of [text, text.replaceAll('>', '&gt;')]) {
    yield marked;
    for (const double of ['"', '&quot;', '&#34;', '&#x22;']) {
      for (const single of ["'", '&apos;', '&#39;', '&#x27;', '&#039;']) {
        yield marked.replaceAll('"', double).replaceAll("'", single);
      }
    }
  }
}

const MUSTACHE: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '/': '&#x2F;',
  '`': '&#x60;',
  '=': '&#x3D;',
};

/** PowerShell's backtick and doubled quotes, cmd's caret and doubled percent signs. */
function* windowsForms(bytes: string): Generator<string> {
  yield bytes.replace(/[`"$]/g, '`$&');
  yield bytes.replace(/[`'"$&|;<>(){}@# ,]/g, '`$&');
  yield bytes.replaceAll("'", "''");
  yield bytes.replaceAll('"', '""');
  yield bytes.replaceAll('"', '\\"');
  const carets = bytes.replace(/[&|<>^()]/g, '^$&');
  yield carets;
  yield bytes.replace(/[&|<>^()"!]/g, '^$&');
  yield carets.replaceAll('%', '%%');
  yield bytes.replaceAll('%', '%%');
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

/** The UTF-8 bytes of a text, a character for each. */
function binary(text: string): string {
  return isAscii(text) ? text : Buffer.from(text.toWellFormed()).toString('latin1');
}
