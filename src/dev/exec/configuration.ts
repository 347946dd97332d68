import { isUtf8 } from 'node:buffer';
import { formatReference } from '../../lib/reference.ts';
import type { Configured } from '../types.ts';

/** What a generated configuration names. */
export interface ConfigurationFacts {
  /** The backend's name. */
  readonly backend: string;
  /** Its entry, by key. */
  readonly entry: Configured;
  /** Variables that the command has: what they say already is not said again, so that they can be played with. */
  readonly variables: Readonly<Record<string, string>>;
  /** Paths with the newest value of each; undefined for one that may not be read. */
  readonly paths: ReadonlyMap<string, Buffer | undefined>;
}

/**
 * A configuration file that names every secret of a rehearsal which is text, under names made from the paths. JSON,
 * which YAML reads as it is.
 */
export function rehearsalConfiguration({ backend, entry, variables, paths }: ConfigurationFacts): string {
  const texts = [...paths].filter(([, value]) => value === undefined || isText(value)).map(([path]) => path);
  const context = { backends: [backend], defaultBackend: backend };
  const secrets: Record<string, string> = Object.fromEntries(
    namesOf(texts).map(([name, path]) => [name, formatReference({ backend, path, field: [] }, context)]),
  );
  const said = new Set(Object.values(variables));
  const unsaid = Object.entries(entry).filter(([key, value]) => key === 'type' || !said.has(String(value)));
  const backends = unsaid.length > 1 ? { [backend]: Object.fromEntries(unsaid) } : undefined;
  return `${JSON.stringify({ backends, secrets }, undefined, 2)}\n`;
}

/** Bytes that are no text fit only `--format raw`, so a command without arguments must not ask for them. */
function isText(value: Buffer): boolean {
  return isUtf8(value) && !value.includes(0);
}

/** The last segment of each path in capitals; with more of the path in front where that is not enough to tell them apart. */
function namesOf(paths: readonly string[]): readonly (readonly [name: string, path: string])[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const segments = path.split('/');
    const candidates = segments.map((_, index) => variableName(segments.slice(segments.length - 1 - index).join('_')));
    const numbered = paths.map((_, index) => `${candidates.at(-1) ?? 'SECRET'}_${index + 2}`);
    const name = [...candidates, ...numbered].find((candidate) => !taken.has(candidate)) ?? 'SECRET';
    taken.add(name);
    return [name, path];
  });
}

function variableName(text: string): string {
  return text
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .replace(/^(?=[0-9]|$)/, '_');
}
