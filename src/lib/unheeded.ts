import type { Invocation } from './invocation.ts';

/**
 * Says which of these variables are set that would matter to a product's own clients and do not here; `instead` has for
 * each what stands in for it. One that is empty or says no is none.
 */
export function warnOfUnheeded(
  instead: Readonly<Record<string, string>>,
  { runtime, journal }: Pick<Invocation, 'runtime' | 'journal'>,
): void {
  for (const [name, what] of Object.entries(instead)) {
    const value = runtime.env[name]?.trim().toLowerCase() ?? '';
    if (!['', 'false', '0', 'f'].includes(value)) journal.warn(`${name} is not heeded: ${what}`);
  }
}
