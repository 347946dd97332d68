/**
 * A strict reader of the small part of XML that STS answers in: elements, text, the five named entities and numbered
 * ones. No document types, no CDATA, no processing. Its errors name a position and quote nothing.
 */

/** One element. Attributes are checked for form and dropped: all they hold is a namespace. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** All text directly inside of it, entities undone. */
  readonly text: string;
}

/** What is wrong with a text that is not such XML: a phrase without any of the text, and where. */
export class XmlFault extends Error {
  readonly position: number;

  constructor(phrase: string, position: number) {
    super(phrase);
    this.name = 'XmlFault';
    this.position = position;
  }
}

const DEEPEST = 16;
const MOST_ELEMENTS = 1000;

/** The root element. Throws {@link XmlFault}. */
export function parseXml(text: string): XmlElement {
  const reader: Reader = { text, at: 0, elements: 0 };
  take(reader, PROLOGUE);
  skipBetween(reader);
  const root = readElement(reader, 0);
  skipBetween(reader);
  if (reader.at < text.length) throw new XmlFault('text after the root element', reader.at);
  return root;
}

/** The one child of that name; undefined where there is none or more than one. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  const found = element?.children.filter((child) => child.name === name) ?? [];
  return found.length === 1 ? found[0] : undefined;
}

/** The text of the one child of that name; undefined as well where that has children itself. */
export function childText(element: XmlElement | undefined, name: string): string | undefined {
  const child = childOf(element, name);
  return child?.children.length === 0 ? child.text : undefined;
}

interface Reader {
  readonly text: string;
  at: number;
  elements: number;
}

interface Open {
  readonly name: string;
  readonly isEmpty: boolean;
}

const PROLOGUE = /<\?xml(?:\s+[a-z]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))+\s*\?>/y;
const SPACE = /\s+/y;
const COMMENT = /<!--(?:[^-]|-(?!-))*-->/y;
const START = /<(?<name>[A-Za-z_][\w.:-]*)(?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?<empty>\/)?>/y;
const END = /<\/(?<name>[A-Za-z_][\w.:-]*)\s*>/y;
const TEXT = /[^<&]+/y;
const ENTITY = /&(?:(?<named>lt|gt|amp|quot|apos)|#(?<decimal>[0-9]{1,7})|#x(?<hex>[0-9a-fA-F]{1,6}));/y;

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function readElement(reader: Reader, depth: number): XmlElement {
  if (depth > DEEPEST) throw new XmlFault(`nested more than ${DEEPEST} deep`, reader.at);
  if (++reader.elements > MOST_ELEMENTS) throw new XmlFault(`more than ${MOST_ELEMENTS} elements`, reader.at);
  const { name, isEmpty } = readStart(reader);
  if (isEmpty) return { name, children: [], text: '' };
  const children: XmlElement[] = [];
  const pieces: string[] = [];
  for (;;) {
    const piece = take(reader, TEXT)?.[0] ?? readEntity(reader);
    if (piece !== undefined) {
      pieces.push(piece);
      continue;
    }
    if (take(reader, COMMENT) !== undefined) continue;
    const end = take(reader, END);
    if (end === undefined) {
      children.push(readElement(reader, depth + 1));
      continue;
    }
    if (end.groups?.['name'] !== name) throw new XmlFault('an end tag that does not fit', reader.at);
    return { name, children, text: pieces.join('') };
  }
}

function readStart(reader: Reader): Open {
  const groups = take(reader, START)?.groups;
  const name = groups?.['name'];
  if (name === undefined) {
    throw new XmlFault(reader.at >= reader.text.length ? 'unexpected end' : 'no element here', reader.at);
  }
  return { name, isEmpty: groups?.['empty'] !== undefined };
}

function readEntity(reader: Reader): string | undefined {
  if (reader.text[reader.at] !== '&') return undefined;
  const at = reader.at;
  const { named, decimal, hex } = take(reader, ENTITY)?.groups ?? {};
  if (named !== undefined) return NAMED[named];
  const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  const isCharacter = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  if (!isCharacter) throw new XmlFault('a bad entity', at);
  return String.fromCodePoint(point);
}

function skipBetween(reader: Reader): void {
  while (take(reader, SPACE) !== undefined || take(reader, COMMENT) !== undefined);
}

function take(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text) ?? undefined;
  if (found !== undefined) reader.at = pattern.lastIndex;
  return found;
}
