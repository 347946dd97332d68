import { BACKENDS } from '../backends/index.ts';
import type { Runtime } from '../lib/runtime.ts';

/** The environment without the products' own variables that another one of the same product switches off. */
export function heeded(env: Runtime['env']): Runtime['env'] {
  const silenced = new Set(BACKENDS.flatMap((type) => type.silenced?.(env) ?? []));
  if (silenced.size === 0) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !silenced.has(name)));
}
