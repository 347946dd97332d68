import { azure } from '../../../../src/backends/azure/index.ts';
import type { Outcome } from '../../../../src/backends/types.ts';
import { type BackendSetup, type RehearsedBackend, rehearseBackend } from '../../../support/rehearsed-backend.ts';

/** Bytes that are no text. */
export const BYTES = Buffer.from([0, 255, 254, 10, 128]);

const SECRETS = {
  'app/key': ['first', 'second', 'third'],
  'app/record': '{"user":"shop","port":5432}',
  plain: 'as it is',
  certificate: 'stands for a PKCS#12 file',
  'app/bytes': BYTES,
};

/** A vault with a few secrets, and a backend for it. */
export function rehearse(setup: BackendSetup = {}): Promise<RehearsedBackend> {
  return rehearseBackend(azure, { secrets: SECRETS, ...setup });
}

/** An outcome in one line: its value with what is left to select, or its refusal. */
export function told(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'nothing';
  if ('refusal' in outcome) return `${outcome.refusal}: ${outcome.reason}`;
  return [outcome.value.reveal().toString(), ...outcome.rest].join(' > ');
}
