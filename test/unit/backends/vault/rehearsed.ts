import type { Outcome } from '../../../../src/backends/types.ts';
import { vault } from '../../../../src/backends/vault/index.ts';
import type { AccessToken } from '../../../../src/lib/tokens.ts';
import { type BackendSetup, type RehearsedBackend, rehearseBackend } from '../../../support/rehearsed-backend.ts';

const SECRETS = {
  'app/db': '{"user":"shop","port":5432,"big":12345678901234567890.10,"on":true,"none":null,"tls":{"ca":"x"}}',
  'app/key': ['first', 'second', 'third'],
};

/** A Vault with a few secrets, and a backend for it. */
export function rehearse(setup: BackendSetup = {}): Promise<RehearsedBackend> {
  return rehearseBackend(vault, { secrets: SECRETS, ...setup });
}

/** An outcome in one line: its value with what is left to select, or its refusal. */
export function told(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'nothing';
  if ('refusal' in outcome) return `${outcome.refusal}: ${outcome.reason}`;
  return [outcome.value.reveal().toString(), ...outcome.rest].join(' > ');
}

/** The same access token as a later command of the job has it. */
export function kept(accessToken: AccessToken): AccessToken {
  return { ...accessToken };
}
