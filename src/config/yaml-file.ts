import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import { quoted } from '../lib/text.ts';
import type { Faults, Position } from './faults.ts';
import type { Entry, FileNode, MapNode } from './nodes.ts';
import { refuseTooMuch, tooBig } from './too-big.ts';

/** Most values after aliases are written out. */
const MOST_NODES = 30_000;
const DEEPEST = 40;
/** The library reports a broken file once per character; the first few say it all. */
const MOST_ERRORS = 20;

/**
 * Reads a YAML 1.2 text of one document into a tree with positions. What is not YAML goes to `faults`, and then the
 * result is undefined; an empty text is an empty map. Throws CONFIG_TOO_BIG for what would take too long to read.
 */
export function readYaml(text: string, faults: Faults, file: string): FileNode | undefined {
  refuseTooMuch(text, file);
  const lines = new LineCounter();
  const options = {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    version: '1.2',
    logLevel: 'error',
  } as const;
  const document = parseDocument(text, options);
  const at = (offset: number | undefined): Position => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const errors = [...document.errors, ...document.warnings];
  for (const error of errors.slice(0, MOST_ERRORS)) reportError(error, { at, faults, file });
  if (errors.length > 0) return undefined;
  if (document.contents === null || isNothing(document.contents))
    return { kind: 'map', entries: new Map(), at: { line: 1, column: 1 } };
  return convert(document.contents, { at, faults, file, anchors: new Map(), aliases: 0, left: MOST_NODES }, 0);
}

function isNothing(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

interface Conversion {
  readonly at: (offset: number | undefined) => Position;
  readonly faults: Faults;
  readonly file: string;
  /** Anchored nodes met so far: an alias means the latest one of its name. */
  readonly anchors: Map<string, Node>;
  /** Aliases that are being written out: what stands in them was met already. */
  aliases: number;
  /** Values that may still be made. */
  left: number;
}

function convert(node: Node, conversion: Conversion, depth: number): FileNode {
  if (--conversion.left < 0) throw tooBig(conversion.file, 'grows too large when its aliases are written out');
  if (depth > DEEPEST) throw tooBig(conversion.file, `is nested more than ${DEEPEST} deep`);
  const at = conversion.at(node.range?.[0]);
  if (isAlias(node)) return convertAlias(node.source, conversion, { depth, at });
  if (conversion.aliases === 0 && node.anchor !== undefined) conversion.anchors.set(node.anchor, node);
  if (isMap(node)) return convertMap(node.items, conversion, { depth, at });
  if (isSeq(node)) {
    const items = node.items.map((item) => convert(asNode(item, conversion), conversion, depth + 1));
    return { kind: 'list', items, at };
  }
  return { kind: 'scalar', ...scalarOf(node), at };
}

interface Spot {
  readonly depth: number;
  readonly at: Position;
}

function convertAlias(name: string, conversion: Conversion, { depth, at }: Spot): FileNode {
  const target = conversion.anchors.get(name);
  if (target === undefined) {
    conversion.faults.add({ kind: 'file', at }, 'this alias has no anchor');
    return nothingAt(at);
  }
  conversion.aliases++;
  const converted = convert(target, conversion, depth + 1);
  conversion.aliases--;
  return converted;
}

type Pairs = readonly { readonly key: unknown; readonly value: unknown }[];

function convertMap(pairs: Pairs, conversion: Conversion, { depth, at }: Spot): MapNode {
  const entries = new Map<string, Entry>();
  for (const pair of pairs) {
    const key = isScalar(pair.key) ? scalarOf(pair.key) : undefined;
    const keyAt = isNode(pair.key) ? conversion.at(pair.key.range?.[0]) : at;
    if (key === undefined || key.source === '') {
      conversion.faults.add({ kind: 'file', at: keyAt }, 'a key must be text');
      continue;
    }
    if (entries.has(key.source)) {
      conversion.faults.add({ kind: 'file', at: keyAt }, `the key ${quoted(key.source)} stands here a second time`);
    }
    const value = pair.value === null || pair.value === undefined ? undefined : asNode(pair.value, conversion);
    const converted = value === undefined ? nothingAt(keyAt) : convert(value, conversion, depth + 1);
    entries.set(key.source, { at: keyAt, value: converted });
  }
  return { kind: 'map', entries, at };
}

function nothingAt(at: Position): FileNode {
  return { kind: 'scalar', value: null, source: '', at };
}

function asNode(item: unknown, conversion: Conversion): Node {
  if (isScalar(item) || isMap(item) || isSeq(item) || isAlias(item)) return item;
  throw tooBig(conversion.file, 'holds something that is neither text, number, list nor map');
}

function scalarOf(node: Node): { value: string | number | boolean | null; source: string } {
  const value: unknown = isScalar(node) ? node.value : undefined;
  const written = isScalar(node) ? node.source : undefined;
  if (typeof value === 'string') return { value, source: value };
  if (typeof value === 'number' || typeof value === 'boolean') return { value, source: written ?? String(value) };
  return { value: null, source: written ?? '' };
}

/** What each of the library's errors means, without any of the file's text. */
const MEANINGS: Readonly<Record<Exclude<YAMLError['code'], 'RESOURCE_EXHAUSTION'>, string>> = {
  ALIAS_PROPS: 'an alias takes neither anchor nor tag',
  BAD_ALIAS: 'this alias is not well formed',
  BAD_COLLECTION_TYPE: 'this tag does not fit what follows it',
  BAD_DIRECTIVE: 'this directive is not known',
  BAD_DQ_ESCAPE: 'an escape that YAML does not know in double quotes',
  BAD_INDENT: 'this line is not indented as its neighbours are',
  BAD_PROP_ORDER: 'anchors and tags stand after the indicator',
  BAD_SCALAR_START: 'a plain text cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a key is nested on the line of another one; put the text in quotes if ":" belongs to it',
  BLOCK_IN_FLOW: 'an indented block cannot stand inside of brackets',
  DUPLICATE_KEY: 'this key stands here a second time',
  IMPOSSIBLE: 'this cannot be read',
  KEY_OVER_1024_CHARS: 'this key is too long',
  MISSING_CHAR: 'something is missing here: a quote, a bracket, a comma or ":"',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line with its ":"',
  MULTIPLE_ANCHORS: 'one anchor is enough',
  MULTIPLE_DOCS: 'a second document begins here; only one is read',
  MULTIPLE_TAGS: 'one tag is enough',
  NON_STRING_KEY: 'a key must be text',
  TAB_AS_INDENT: 'a tab indents this line; YAML is indented with spaces',
  TAG_RESOLVE_FAILED: 'this tag is not known',
  UNEXPECTED_TOKEN: 'this character is not expected here',
};

interface Reporting {
  readonly at: Conversion['at'];
  readonly faults: Faults;
  readonly file: string;
}

function reportError(error: YAMLError, { at, faults, file }: Reporting): void {
  if (error.code === 'RESOURCE_EXHAUSTION') throw tooBig(file, 'is nested too deep');
  faults.add({ kind: 'file', at: at(error.pos[0]) }, MEANINGS[error.code]);
}
