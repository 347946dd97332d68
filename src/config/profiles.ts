import { changed, type Entry, entriesOf, type FileNode, isNull, type MapNode, nodeAt, textOf } from './nodes.ts';

/** Keys that are alternatives: when the upper block has one of `given`, the lower block's `dropped` do not show through. */
interface Alternatives {
  readonly given: readonly string[];
  readonly dropped: readonly string[];
}

const TOKEN_PLACES: Alternatives = { given: ['env', 'file', 'stdin'], dropped: ['env', 'file', 'stdin'] };
const CERTIFICATES: Alternatives = { given: ['ca', 'ca-file'], dropped: ['ca', 'ca-file'] };
const WHERE_A_SECRET_IS: Alternatives = {
  given: ['ref', 'path'],
  dropped: ['ref', 'path', 'backend', 'version', 'field'],
};

/**
 * The file with one of its profiles laid over it, key by key at every depth. A secret that is `null` in the profile
 * is gone; one that says where it is keeps `optional`, `default` and `file` from below; a backend of another `type`
 * replaces the whole block.
 */
export function overlaid(file: MapNode, profile: FileNode): MapNode {
  if (profile.kind !== 'map') return file;
  const backends = overBlocks(nodeAt(file, ['backends']), nodeAt(profile, ['backends']), overBackend);
  const secrets = overBlocks(nodeAt(file, ['secrets']), nodeAt(profile, ['secrets']), overSecret);
  const rest = entriesOf(profile).filter(([key]) => key !== 'backends' && key !== 'secrets');
  return changed(file, [...rest, ...entryOf('backends', backends), ...entryOf('secrets', secrets)]);
}

function entryOf(key: string, value: FileNode | undefined): [string, Entry][] {
  return value === undefined ? [] : [[key, { at: value.at, value }]];
}

type Over = (lower: FileNode, upper: FileNode) => FileNode;

function overBlocks(lower: FileNode | undefined, upper: FileNode | undefined, over: Over): FileNode | undefined {
  if (upper?.kind !== 'map' || lower?.kind !== 'map') return upper ?? lower;
  const removed = entriesOf(upper)
    .filter(([, entry]) => isNull(entry.value))
    .map(([name]) => name);
  const put = entriesOf(upper)
    .filter(([name]) => !removed.includes(name))
    .map(([name, entry]): [string, Entry] => {
      const below = lower.entries.get(name);
      return [name, below === undefined ? entry : { at: entry.at, value: over(below.value, entry.value) }];
    });
  return changed(lower, put, removed);
}

function overBackend(lower: FileNode, upper: FileNode): FileNode {
  if (lower.kind !== 'map' || upper.kind !== 'map') return upper;
  const type = textOf(nodeAt(upper, ['type']));
  if (type !== undefined && type !== textOf(nodeAt(lower, ['type']))) return upper;
  const token = overToken(nodeAt(lower, ['token']), nodeAt(upper, ['token']));
  return merged(lower, changed(upper, entryOf('token', token)), CERTIFICATES);
}

function overToken(lower: FileNode | undefined, upper: FileNode | undefined): FileNode | undefined {
  if (lower?.kind !== 'map' || upper?.kind !== 'map') return upper ?? lower;
  return merged(lower, upper, TOKEN_PLACES);
}

function overSecret(lower: FileNode, upper: FileNode): FileNode {
  return merged(longForm(lower), longForm(upper), WHERE_A_SECRET_IS);
}

/** `prod/db` as `{ ref: prod/db }`. */
function longForm(secret: FileNode): MapNode {
  if (secret.kind === 'map') return secret;
  return { kind: 'map', at: secret.at, entries: new Map([['ref', { at: secret.at, value: secret }]]) };
}

function merged(lower: MapNode, upper: MapNode, { given, dropped }: Alternatives): MapNode {
  const isGiven = given.some((key) => upper.entries.has(key));
  return { ...changed(lower, upper.entries, isGiven ? dropped : []), at: upper.at };
}
