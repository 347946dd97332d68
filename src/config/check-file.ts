import { backendType } from '../backends/index.ts';
import { chainedReference } from '../lib/chain.ts';
import type { Reason } from '../lib/errors.ts';
import { type ParsedField, parseField } from '../lib/reference.ts';
import { SecretctlError } from '../lib/errors.ts';
import { nearest, quoted, visible } from '../lib/text.ts';
import { type Faults, parsed, type Position } from './faults.ts';
import { entriesOf, type FileNode, isNull, type MapNode, nodeAt, textOf } from './nodes.ts';
import { productSettings } from './settings.ts';
import {
  backendMembers,
  FILE_SHAPE,
  jsonTypes,
  type Members,
  type NameRule,
  SECRET_MEMBERS,
  type Shape,
} from './shape.ts';
import type { Parser } from '../lib/settings.ts';

/**
 * Says everything that is wrong with a file by itself, profiles that were not chosen included. Returns the keys that
 * a fault leaves in doubt, mistyped or of another kind than they must be: what follows from them is no fault of its own.
 */
export function checkFile(file: FileNode, faults: Faults): ReadonlySet<string> {
  const doubtful = new Set<string>();
  check(file, FILE_SHAPE, { faults, path: '', backends: nodeAt(file, ['backends']), doubtful });
  return doubtful;
}

interface Spot {
  readonly faults: Faults;
  /** `backends.conjur`, for messages; empty at the top. */
  readonly path: string;
  /** The file's own backends: a profile's block may leave out the type that stands there. */
  readonly backends: FileNode | undefined;
  /** Gathers the keys that {@link checkFile} returns. */
  readonly doubtful: Set<string>;
}

function check(node: FileNode, shape: Shape, spot: Spot): void {
  if (shape.kind === 'setting') return void settingValue(node, shape.parser, reporter(spot, node.at));
  if (shape.kind === 'texts') return void fieldOf(node, reporter(spot, node.at));
  if (shape.kind === 'secret') return checkSecret(node, shape.isPartial, spot);
  if (node.kind !== 'map') {
    return say(spot, node.at, isNull(node) ? 'is empty' : 'must be a block of keys and values');
  }
  if (shape.kind === 'block') return checkBlock(node, shape.members, spot);
  if (shape.kind === 'backend') return checkBackend(node, shape.isPartial, spot);
  for (const [name, { at, value }] of node.entries) {
    checkName(name, shape.names, { ...spot, path: spot.path }, at);
    check(value, shape.value, below(spot, name));
  }
}

function checkName(name: string, rule: NameRule, spot: Spot, at: Position): void {
  if (rule.pattern.test(name)) return;
  spot.faults.add(
    { kind: 'file', at },
    `${quoted(name)} cannot be a name in ${spot.path}: it must be ${rule.takes}`,
    rule.reason,
  );
}

/** `others` are keys that may stand there as well, with whatever value. */
function checkBlock(node: MapNode, members: Members, spot: Spot, others: readonly string[] = []): void {
  const known = Object.keys(members);
  for (const [key, { at, value }] of node.entries) {
    const member = Object.hasOwn(members, key) ? members[key] : undefined;
    if (member !== undefined) {
      if (member.kind === 'named' && value.kind !== 'map') spot.doubtful.add(key);
      check(value, member, below(spot, key));
    } else if (!others.includes(key)) {
      const meant = nearest(key.toLowerCase(), [...known, ...others]);
      if (meant !== undefined) spot.doubtful.add(meant);
      const where = spot.path === '' ? '' : ` in ${spot.path}`;
      const hint = meant === undefined ? `keys: ${known.join(', ')}` : `did you mean "${meant}"?`;
      spot.faults.add({ kind: 'file', at }, `unknown key ${quoted(key)}${where}; ${hint}`);
    }
  }
}

function checkBackend(node: MapNode, isPartial: boolean, spot: Spot): void {
  const name = spot.path.split('.').at(-1) ?? '';
  const written = nodeAt(node, ['type']);
  const type = textOf(written ?? (isPartial ? nodeAt(spot.backends, [name, 'type']) : undefined));
  const members = backendMembers(type);
  if (type !== undefined && backendType(type) !== undefined) return checkBlock(node, members, spot);
  if (written === undefined) say(spot, node.at, 'has no "type"');
  // Without a known type it is not known what its own keys take, only what keys there are at all.
  return checkBlock(
    node,
    members,
    spot,
    productSettings().flatMap(({ file }) => file?.[0] ?? []),
  );
}

function checkSecret(node: FileNode, isPartial: boolean, spot: Spot): void {
  if (isPartial && isNull(node)) return;
  if (textOf(node) !== undefined) return;
  if (node.kind !== 'map') {
    const phrase = isNull(node)
      ? 'is empty'
      : 'must be a reference such as prod/db/password, or a block with "ref" or "path"';
    return say(spot, node.at, node.kind === 'scalar' && !isNull(node) ? `${phrase}; put it in quotes` : phrase);
  }
  checkBlock(node, SECRET_MEMBERS, spot);
  checkSecretParts(node, isPartial, spot);
}

/** Which members of a secret's block go together. */
function checkSecretParts(node: MapNode, isPartial: boolean, spot: Spot): void {
  const has = (key: string): boolean => node.entries.has(key);
  if (!isPartial && !has('ref') && !has('path')) say(spot, node.at, 'needs "ref" or "path"');
  const beside = has('ref') ? ['path', 'backend', 'version', 'field'].filter(has) : [];
  if (beside.length > 0) {
    say(spot, node.at, `has "ref" and "${beside[0]}"; "ref" says it all, its parts go with "path"`);
  }
  const optional = nodeAt(node, ['optional']);
  const isOptional = optional?.kind === 'scalar' && optional.value === true;
  if (!isPartial && has('default') && !isOptional) {
    say(spot, node.at, 'has a "default", which only an optional secret takes: add "optional: true"');
  }
}

type Report = (message: string, reason?: Reason) => void;

/** The value of a setting as it stands in the file; what is wrong with it goes to `report`. */
export function settingValue<T>(node: FileNode, parser: Parser<T>, report: Report): T | undefined {
  if (isNull(node)) {
    report('is empty');
    return undefined;
  }
  // What a block says is read where the setting is: a profile may have laid over it by then.
  if (parser.tree !== undefined) {
    if (node.kind === 'list') report(`must be ${parser.takes}`);
    return undefined;
  }
  if (parser.isList === true) return listValue(node, parser, report);
  if (parser.ofItems !== undefined && node.kind === 'list') return parsed(parser, itemsText(node, parser), report);
  if (node.kind !== 'scalar' || !isOfType(node.value, parser)) {
    const isUnquoted = node.kind === 'scalar' && isTaken(parser, node.source);
    report(`must be ${parser.takes}${isUnquoted ? '; put it in quotes' : ''}`);
    return undefined;
  }
  return scalarValue(typeof node.value === 'boolean' ? String(node.value) : node.source, parser, report);
}

function scalarValue<T>(text: string, parser: Parser<T>, report: Report): T | undefined {
  if (parser.isSecret !== true || chainedReference(text) !== undefined) return parsed(parser, text, report);
  report(`must be ${parser.takes}`);
  return undefined;
}

/** The items as one text; an item that is no text makes it a text that the parser refuses. */
function itemsText(node: Extract<FileNode, { kind: 'list' }>, parser: Parser<unknown>): string {
  const items = node.items.map(textOf).filter((item) => item !== undefined);
  return parser.ofItems?.(items.length === node.items.length ? items : []) ?? '';
}

function isOfType(value: unknown, parser: Parser<unknown>): boolean {
  return jsonTypes(parser.schema).includes(typeof value === 'number' ? 'integer' : typeof value);
}

/** Whether it is only written as the wrong type: `0042` for an account. */
function isTaken(parser: Parser<unknown>, source: string): boolean {
  let taken = true;
  parsed(parser, source, () => (taken = false));
  return taken;
}

function listValue<T>(node: FileNode, parser: Parser<T>, report: Report): T | undefined {
  const items = node.kind === 'list' ? node.items.map(textOf) : [];
  if (node.kind !== 'list' || items.length === 0 || items.some((item) => item === undefined || item.includes(','))) {
    report(`must be ${parser.takes}`);
    return undefined;
  }
  return parsed(parser, items.join(','), report);
}

/** A secret's `field:`: one text `a.b."c.d"`, or a list of names taken literally. */
export function fieldOf(node: FileNode, report: Report): ParsedField | undefined {
  const one = textOf(node);
  const several =
    node.kind === 'list' ? node.items.map(textOf).filter((item) => item !== undefined && item !== '') : [];
  if (node.kind === 'list' && several.length > 0 && several.length === node.items.length) {
    return { field: several.filter((item) => item !== undefined) };
  }
  if (one === undefined) {
    report('must be a text such as a.b."c.d", or a list of names');
    return undefined;
  }
  try {
    return parseField(one);
  } catch (error) {
    if (!(error instanceof SecretctlError)) throw error;
    report(`is wrong: ${error.message}`, error.reason);
    return undefined;
  }
}

function reporter(spot: Spot, at: Position): Report {
  return (message, reason) => spot.faults.add({ kind: 'file', at }, `${spot.path} ${message}`, reason);
}

function say(spot: Spot, at: Position, message: string): void {
  const subject = spot.path === '' ? 'the configuration' : spot.path;
  spot.faults.add({ kind: 'file', at }, `${subject} ${message}`);
}

function below(spot: Spot, key: string): Spot {
  return { ...spot, path: spot.path === '' ? visible(key) : `${spot.path}.${visible(key)}` };
}

/** Names of what a block defines: its profiles, its backends. */
export function namesIn(node: FileNode | undefined): readonly string[] {
  return entriesOf(node).map(([name]) => name);
}
