import { SecretctlError } from '../lib/errors.ts';
import { parseReference, type ReferenceContext } from '../lib/reference.ts';
import { visible } from '../lib/text.ts';
import type { Faults, Origin } from './faults.ts';
import type { BackendSettings, ChainedSetting } from './types.ts';

/** A reference that stands in place of a setting's value, as it was said. */
export interface ChainWord {
  /** Name of the backend whose setting it is. */
  readonly backend: string;
  readonly key: string;
  /** Which part of it, where the setting has several. */
  readonly part?: string;
  readonly reference: string;
  readonly origin: Origin | undefined;
}

/**
 * The backends with what others give them: each word's reference taken apart. A reference that is none, and backends that
 * wait for each other in a circle, go to `faults`.
 */
export function linkChains(
  backends: readonly BackendSettings[],
  words: readonly ChainWord[],
  context: ReferenceContext,
  faults: Faults,
): readonly BackendSettings[] {
  if (words.length === 0) return backends;
  const linked = backends.map((backend) => ({
    ...backend,
    chained: words.filter((word) => word.backend === backend.name).flatMap((word) => link(word, context, faults)),
  }));
  for (const word of words) {
    const circle = circleFrom(word.backend, linked);
    if (circle === undefined) continue;
    faults.add(word.origin, `${word.key} closes a circle: ${circle.map(visible).join(' needs ')}`, 'CONFIG_INVALID');
    break;
  }
  return linked;
}

function link(
  { backend, key, part, reference, origin }: ChainWord,
  context: ReferenceContext,
  faults: Faults,
): ChainedSetting[] {
  try {
    const name = [backend, key, part].filter((one) => one !== undefined).join('.');
    return [{ key, ...(part !== undefined && { part }), ref: { name, ...parseReference(reference, context) } }];
  } catch (error) {
    if (!(error instanceof SecretctlError)) throw error;
    faults.add(origin, `${key}: ${error.message}`, error.reason, error.hints);
    return [];
  }
}

/** The names on a way from this backend back to itself, itself first and last. */
function circleFrom(start: string, backends: readonly BackendSettings[]): readonly string[] | undefined {
  const needs = new Map(backends.map(({ name, chained }) => [name, chained.map(({ ref }) => ref.backend)]));
  const visited = new Set<string>();
  const walk = (name: string, way: readonly string[]): readonly string[] | undefined => {
    for (const next of needs.get(name) ?? []) {
      if (next === start) return [...way, next];
      if (visited.has(next)) continue;
      visited.add(next);
      const found = walk(next, [...way, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(start, [start]);
}
