import { gcp } from '../../../../src/backends/gcp/index.ts';
import type { Outcome } from '../../../../src/backends/types.ts';
import { type BackendSetup, type RehearsedBackend, rehearseBackend } from '../../../support/rehearsed-backend.ts';

const SECRETS = {
  'app/key': ['first', 'second', 'third'],
  'app/record': '{"user":"shop","port":5432}',
  plain_one: 'as it is',
  empty: '',
};

/** Secret Manager with a few secrets, and a backend for it. */
export function rehearse(setup: BackendSetup = {}): Promise<RehearsedBackend> {
  return rehearseBackend(gcp, { secrets: SECRETS, ...setup });
}

/** An outcome in one line: its value with what is left to select, or its refusal. */
export function told(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'nothing';
  if ('refusal' in outcome) return `${outcome.refusal}: ${outcome.reason}`;
  return [outcome.value.reveal().toString(), ...outcome.rest].join(' > ');
}
