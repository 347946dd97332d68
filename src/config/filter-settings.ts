import { nearest, quoted, visible } from '../lib/text.ts';
import { namesIn } from './check-file.ts';
import { FILTER_ROWS } from './filter-rows.ts';
import { type Layers, said } from './layers.ts';
import { type FileNode, nodeAt } from './nodes.ts';
import { placed } from './settings.ts';
import type { FilterSettings, RawOptions } from './types.ts';

/** What `mask` was told to look for. What does not exist is a fault: it would pass unseen. */
export function filterSettings(raw: RawOptions, file: FileNode | undefined, layers: Layers): FilterSettings {
  if (raw.command !== 'mask') return { names: [], env: [] };
  const configured = namesIn(nodeAt(file, ['secrets']));
  const names = listOf('names', layers, (name) => unlessConfigured(name, configured));
  const env = listOf('env', layers, (name) =>
    layers.env[name] === undefined ? `names ${visible(name)}, which is not set` : undefined,
  );
  return { names, env };
}

function listOf(
  row: keyof typeof FILTER_ROWS,
  layers: Layers,
  faultOf: (name: string) => string | undefined,
): readonly string[] {
  const word = said(FILTER_ROWS[row].parser, placed(row), { isMeant: true }, layers);
  if (word?.value === undefined) return [];
  for (const fault of word.value.map(faultOf)) if (fault !== undefined) layers.faults.add(word.origin, fault);
  return word.value;
}

function unlessConfigured(name: string, configured: readonly string[]): string | undefined {
  if (configured.includes(name)) return undefined;
  const meant = nearest(name, configured);
  const hint = meant === undefined ? '' : `; did you mean ${visible(meant)}?`;
  return `names ${quoted(name)}, which is no secret of the configuration${hint}`;
}

/** Whether this command needs a backend at all: for the values of variables `mask` needs none. */
export function fetches({ command, arguments: words }: RawOptions, { names, env }: FilterSettings): boolean {
  return command !== 'mask' || env.length === 0 || words.length + names.length > 0;
}

/** The options with the names of configured secrets among the arguments. */
export function withNames(raw: RawOptions, { names }: FilterSettings): RawOptions {
  return { ...raw, arguments: [...new Set([...raw.arguments, ...names])] };
}
