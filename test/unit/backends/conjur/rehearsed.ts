import { conjur } from '../../../../src/backends/conjur/index.ts';
import type { Outcome } from '../../../../src/backends/types.ts';
import type { SecretRef } from '../../../../src/lib/secrets.ts';
import { type BackendSetup, rehearseBackend, type RehearsedBackend } from '../../../support/rehearsed-backend.ts';

/** A Conjur backend before a strict server of its own, until the test ends. */
export function rehearse(setup: BackendSetup = {}): Promise<RehearsedBackend> {
  return rehearseBackend(conjur, setup);
}

/** A reference to this path. */
export function ref(path: string, more: Partial<SecretRef> = {}): SecretRef {
  return { name: path.toUpperCase(), backend: 'main', path, field: [], text: path, ...more };
}

/** `count` paths of an ordinary length. */
export function paths(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `prod/app/secret-${index}`);
}

/** Secrets at {@link paths}, each with a value that says which it is. */
export function many(count: number): Record<string, string> {
  return Object.fromEntries(paths(count).map((path) => [path, `value of ${path}`]));
}

/** What came of a reference, on one line: its value as text, or why not. */
export function shown(outcome: Outcome): string {
  return 'value' in outcome ? outcome.value.reveal().toString() : outcome.refusal;
}
