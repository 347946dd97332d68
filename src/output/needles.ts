import { shellForms } from './shell-forms.ts';
import { base64Forms, encodedForms, longForms, quotedForms } from './written-forms.ts';
import { utf8 } from './spellings.ts';
import type { NotHidden } from './types.ts';

/** One byte string to look for, a character for each byte. */
export interface Spelling {
  readonly bytes: string;
  /** Only where it stands alone: it is short. */
  readonly isWord: boolean;
}

/** Fewest bytes that are hidden at all, and fewest that are hidden wherever they stand and in every form. */
const SHORTEST = 4;
const SHORTEST_ANYWHERE = 8;

/** Fewest bytes of a part that PowerShell cuts off; a colour stands before it, so that it is no word of its own. */
const SHORTEST_CUT = 6;

/** Values that stand in every log. Numbers of fewer than eight digits are among them. */
const COMMON = /^(?:true|false|null|none|yes|no|on|off|\d{1,7})$/i;

/** Of more bytes than this only the forms are looked for that programs write long values in. */
const LONG = 1024;

/** A JSON text in a JSON text in a JSON text is looked into, and no further. */
const DEEPEST = 3;

/**
 * Every spelling in which a value is looked for, or why it is shown: it has fewer than four bytes, is a word or number
 * of every log, or white space. Of four to seven bytes, it is hidden where neither letters nor digits stand next to
 * it, as it is and quoted. With `splitPairs` the parts of `user:password`, and the password of a URL, count as values.
 */
export function needlesOf(
  value: Buffer,
  splitPairs: boolean,
): { readonly why: NotHidden['why'] | undefined; readonly spellings: readonly Spelling[] } {
  const found = new Map<string, boolean>();
  const why = addValue(value, found, { splitPairs, depth: 0 });
  return { why, spellings: [...found].map(([bytes, isWord]) => ({ bytes, isWord })) };
}

interface Reach {
  readonly splitPairs: boolean;
  readonly depth: number;
}

function addValue(value: Buffer, found: Map<string, boolean>, reach: Reach): NotHidden['why'] | undefined {
  const bytes = trimmed(value.toString('latin1'));
  const why = whyShown(bytes);
  if (why !== undefined) return why;
  const whole = Buffer.from(bytes, 'latin1');
  const text = utf8(whole);
  if (bytes.length < SHORTEST_ANYWHERE) {
    for (const form of [bytes, ...quoted(bytes, text)]) if (!found.has(form)) found.set(form, true);
    return undefined;
  }
  for (const form of formsOf(bytes, value, text)) {
    // Only in front: with white space there, something would be held back after each line.
    const core = form.slice(blanksBefore(form));
    if (core.length >= SHORTEST_ANYWHERE) found.set(core, false);
  }
  for (const part of cutAtAmpersand(bytes)) found.set(part, false);
  for (const part of partsOf(bytes, text, reach)) {
    if (part.length >= SHORTEST_ANYWHERE || reach.splitPairs)
      addValue(part, found, { splitPairs: false, depth: reach.depth + 1 });
  }
  return undefined;
}

function whyShown(bytes: string): NotHidden['why'] | undefined {
  if (bytes === '') return 'blank';
  if (COMMON.test(bytes)) return 'common';
  return bytes.length < SHORTEST ? 'short' : undefined;
}

/** Bytes without ASCII white space at both ends. */
function trimmed(bytes: string): string {
  const from = blanksBefore(bytes);
  let to = bytes.length;
  while (to > from && isBlank(bytes.charCodeAt(to - 1))) to--;
  return bytes.slice(from, to);
}

function blanksBefore(bytes: string): number {
  let count = 0;
  while (isBlank(bytes.charCodeAt(count))) count++;
  return count;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** The value as it is, by lines, quoted and encoded. */
function* formsOf(bytes: string, value: Buffer, text: string | undefined): Generator<string> {
  yield bytes;
  const whole = Buffer.from(bytes, 'latin1');
  yield* base64Forms(whole, value);
  yield whole.toString('hex');
  if (bytes.length <= LONG) {
    yield whole.toString('hex').toUpperCase();
    yield* encodedForms(bytes, text);
  }
  yield* quoted(bytes, text);
  yield* splitForms(bytes);
}

/** What programs make of quotes, backslashes, white space and other signs; nothing where there are none. */
function* quoted(bytes: string, text: string | undefined): Generator<string> {
  if (/^[\w.-]*$/.test(bytes)) return;
  yield* bytes.length > LONG && text !== undefined ? longForms(text) : quotedForms(bytes, text);
  yield* shellForms(bytes);
}

/** PowerShell's view of an error colours a part of the line: from the last ampersand on, or from behind the first `&+` and a letter. */
function cutAtAmpersand(bytes: string): readonly string[] {
  const plus = bytes.indexOf('&+') + 2;
  const cut = bytes.lastIndexOf('&') + 1;
  const parts = [
    ...(plus > 1 ? [bytes.slice(0, plus), bytes.slice(plus + 1)] : []),
    ...(cut > 0 ? [bytes.slice(0, cut), bytes.slice(cut)] : []),
  ].map((part) => part.slice(blanksBefore(part)));
  return parts.filter((part) => part.length >= SHORTEST_CUT && !COMMON.test(part));
}

/** Lines by themselves and joined anew, and white space made one space. */
function* splitForms(bytes: string): Generator<string> {
  if (/[\t-\r ]/.test(bytes)) yield bytes.replace(/[\t-\r ]+/g, ' ');
  const lines = bytes.split(/\r*\n|\r/);
  if (lines.length === 1) return;
  for (const line of lines) {
    const core = trimmed(line);
    if (core.length < SHORTEST_ANYWHERE || isBoilerplate(core)) continue;
    yield core;
    if (!/^[\w+/=]*$/.test(core)) yield* quoted(core, utf8(Buffer.from(core, 'latin1')));
  }
  const joints =
    bytes.length <= LONG ? ['\n', '\r\n', '\r\r\n', '\\n', '\\r\\n', '\\\\n', '%0A', ''] : ['\n', '\r\n', ''];
  for (const joint of joints) yield lines.join(joint);
  for (const [line, next] of shortBehindLong(lines)) for (const joint of [...joints, ' ']) yield line + joint + next;
}

/** Lines that are too short to be looked for by themselves, each with the one before it. */
function shortBehindLong(lines: readonly string[]): (readonly [string, string])[] {
  const cores = lines.map(trimmed);
  return cores.flatMap((line, index) => {
    const next = cores[index + 1] ?? '';
    const isPair = line.length >= SHORTEST_ANYWHERE && next !== '' && next.length < SHORTEST_ANYWHERE;
    return isPair && !isBoilerplate(line) ? [[line, next] as const] : [];
  });
}

/** A line that is no secret: the frame of a PEM, a rule of one character, a common word. */
function isBoilerplate(line: string): boolean {
  return /^-----(?:BEGIN|END) /.test(line) || line === line.charAt(0).repeat(line.length) || COMMON.test(line);
}

/** What is in the value and a secret by itself: what stands behind a byte order mark, strings of JSON, the signature of a token, on request user and password. */
function* partsOf(bytes: string, text: string | undefined, { splitPairs, depth }: Reach): Generator<Buffer> {
  // The mark of the byte order, which Windows writes in front; few programs repeat it.
  if (bytes.startsWith('\xef\xbb\xbf')) yield Buffer.from(bytes.slice(3), 'latin1');
  const signature = /^[\w-]+\.[\w-]*\.([\w-]{16,})$/.exec(bytes)?.[1];
  if (signature !== undefined) yield Buffer.from(signature);
  if (text !== undefined && depth < DEEPEST && /^[{[]/.test(text)) yield* leavesOf(text);
  if (splitPairs) yield* pairOf(bytes);
}

function* leavesOf(text: string): Generator<Buffer> {
  const leaves: string[] = [];
  try {
    JSON.parse(text, (_key, leaf: unknown) => {
      if (typeof leaf === 'string') leaves.push(leaf);
      return leaf;
    });
  } catch {
    return;
  }
  for (const leaf of new Set(leaves)) yield Buffer.from(leaf);
}

function* pairOf(bytes: string): Generator<Buffer> {
  const address = /^[a-z][a-z0-9+.-]*:\/\/([^/@:]*):([^/@]*)@/i.exec(bytes);
  const colon = bytes.indexOf(':');
  const parts = address?.slice(1) ?? (colon > 0 ? [bytes.slice(0, colon), bytes.slice(colon + 1)] : []);
  for (const part of parts) {
    yield Buffer.from(part, 'latin1');
    if (address !== null && part.includes('%')) yield Buffer.from(percentDecoded(part), 'latin1');
  }
}

function percentDecoded(bytes: string): string {
  return bytes.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
