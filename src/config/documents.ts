import path from 'node:path';
import { BACKENDS, backendType } from '../backends/index.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { SettingRow } from '../lib/settings.ts';
import { nearest, visible } from '../lib/text.ts';
import type { Position, TreeNode } from '../lib/tree.ts';
import { readTextFile, shownPath } from './discover.ts';
import type { Faults, Origin } from './faults.ts';
import type { Layers } from './layers.ts';
import { entriesOf, nodeAt, textOf } from './nodes.ts';
import { placedOf } from './settings.ts';
import { readTree } from './tree.ts';

/** The documents that settings name, read: a recipe that came with the program, or a file of the user's. */
export interface Documents {
  /** What this text names, said by a place whose relative paths begin in `directory`; undefined where it is nothing. */
  named(text: string, directory: string): NamedDocument | undefined;
}

/** One document. */
export interface NamedDocument {
  readonly tree: TreeNode;
  /** Its name where it came with the program. */
  readonly ready: string | undefined;
  /** Whether it is a file of the job's checkout, which a merge request can change, whoever named it. */
  readonly isInCheckout: boolean;
}

/** One mention of a document. */
interface Mention {
  readonly text: string;
  readonly directory: string;
  readonly origin: Origin;
  readonly row: SettingRow;
}

/**
 * Reads every document that a backend's setting names: in the file, in a flag or in a variable. What is wrong with one
 * goes to the faults, with the place in it.
 */
export async function readDocuments(file: TreeNode | undefined, layers: Layers, runtime: Runtime): Promise<Documents> {
  const found = new Map<string, NamedDocument>();
  for (const mention of mentionsIn(file, layers)) {
    const document = await readDocument(mention, layers.faults, runtime);
    if (document !== undefined) found.set(keyOf(mention.text, mention.directory), document);
  }
  return { named: (text, directory) => found.get(keyOf(text, directory)) };
}

function keyOf(text: string, directory: string): string {
  return JSON.stringify([text, directory]);
}

function mentionsIn(file: TreeNode | undefined, layers: Layers): readonly Mention[] {
  const rows = BACKENDS.flatMap(({ type, settings }) =>
    Object.entries(settings).flatMap(([key, row]) =>
      row.parser.tree?.ready === undefined ? [] : [{ type, key, row }],
    ),
  );
  return rows.flatMap(({ type, key, row }) => {
    const { flag, variable } = placedOf(type, key, row);
    const blocks = entriesOf(nodeAt(file, ['backends'])).map(([, { value }]) => value);
    const inFile = blocks
      .filter((block) => backendType(textOf(nodeAt(block, ['type'])) ?? '')?.type === type)
      .flatMap((block): Mention[] => {
        const node = nodeAt(block, [key]);
        const text = textOf(node);
        if (node === undefined || text === undefined) return [];
        return [{ text, directory: layers.fileDirectory ?? layers.cwd, origin: { kind: 'file', at: node.at }, row }];
      });
    const given = (flag === undefined ? [] : (layers.flags.get(flag) ?? [])).map((text): Mention => {
      return { text, directory: layers.cwd, origin: { kind: 'flag', name: flag ?? '' }, row };
    });
    const said = [variable, ...(row.variables ?? [])].flatMap((name): Mention[] => {
      const text = layers.env[name] ?? '';
      return text === '' ? [] : [{ text, directory: layers.cwd, origin: { kind: 'variable', name }, row }];
    });
    return [...inFile, ...given, ...said];
  });
}

async function readDocument(mention: Mention, faults: Faults, runtime: Runtime): Promise<NamedDocument | undefined> {
  const { origin, row } = mention;
  const subject = origin.kind === 'file' ? 'it ' : '';
  try {
    const source = await sourceOf(mention, runtime);
    if (source === undefined) {
      const meant = nearest(mention.text, Object.keys(row.parser.tree?.ready ?? {}));
      const hint = meant === undefined ? '' : `; did you mean "${visible(meant)}"?`;
      faults.add(origin, `${subject}must be ${row.parser.takes}${hint}`);
      return undefined;
    }
    const { text, shown, ready, file } = source;
    const tree = await readTree(text, placedIn(shown, faults), shown);
    const isInCheckout = file !== undefined && isBelow(file, runtime.host.cwd, path.isAbsolute(mention.text));
    return tree === undefined ? undefined : { tree: withFile(tree, shown), ready, isInCheckout };
  } catch (error) {
    if (!(error instanceof SecretctlError)) throw error;
    faults.add(origin, `${subject}names what cannot be read: ${error.message}`, error.reason);
    return undefined;
  }
}

interface Source {
  readonly text: string;
  /** What messages call it. */
  readonly shown: string;
  readonly ready: string | undefined;
  readonly file?: string;
}

/** What is named by a relative path is thought to be one of the checkout's, below the working directory or beside it. */
function isBelow(file: string, directory: string, isAbsolute: boolean): boolean {
  const relative = path.relative(directory, file);
  return !isAbsolute || !(relative.startsWith('..') || path.isAbsolute(relative));
}

/** A description in braces, a ready one by its name, or a file: only what looks like a path is taken for one. */
async function sourceOf({ text, directory, origin, row }: Mention, runtime: Runtime): Promise<Source | undefined> {
  if (text.startsWith('{'))
    return { text, shown: origin.kind === 'file' ? 'the description' : originName(origin), ready: undefined };
  const all = row.parser.tree?.ready ?? {};
  const load = Object.hasOwn(all, text) ? all[text] : undefined;
  if (load !== undefined) return { text: await load(), shown: text, ready: text };
  if (!/[/\\]|\.(?:ya?ml|json)$/i.test(text)) return undefined;
  const file = path.resolve(directory, text);
  return { text: readTextFile(file, runtime), shown: shownPath(file, runtime), ready: undefined, file };
}

function originName(origin: Origin): string {
  return origin.kind === 'flag' || origin.kind === 'variable' ? origin.name : 'the description';
}

/** The same gatherer for faults in another text. */
function placedIn(file: string, faults: Faults): Faults {
  return {
    add(origin, message, reason, hints) {
      const moved = origin?.kind === 'file' ? { ...origin, at: { ...origin.at, file } } : origin;
      faults.add(moved, message, reason, hints);
    },
    settle: (hints) => faults.settle(hints),
  };
}

function withFile(node: TreeNode, file: string): TreeNode {
  const at: Position = { ...node.at, file };
  if (node.kind === 'scalar') return { ...node, at };
  if (node.kind === 'list') return { ...node, at, items: node.items.map((item) => withFile(item, file)) };
  const entries = [...node.entries].map(([key, entry]) => {
    return [key, { at: { ...entry.at, file }, value: withFile(entry.value, file) }] as const;
  });
  return { ...node, at, entries: new Map(entries) };
}
