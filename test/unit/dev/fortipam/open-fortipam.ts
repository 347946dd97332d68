import { type Rehearsal, type RehearsalOptions, startRehearsal } from '../../../../src/dev/index.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { call, type CallAnswer } from '../../../support/call.ts';
import { issuerKey } from '../../../support/issuer-key.ts';

export const JSON_BODY = { 'content-type': 'application/json' };
const SECRETS = new Map([
  ['prod/db/password', [Buffer.from('first'), Buffer.from('pass "word"\nline')]],
  ['prod/db/record', [Buffer.from('{"user":"shop","port":5432}')]],
  ['prod/other/password', [Buffer.from('elsewhere')]],
]);

/** A rehearsed FortiPAM that holds a few secrets and one that may not be read. */
export function openFortipam(
  options: Readonly<Record<string, string>> = {},
  more: Partial<RehearsalOptions> = {},
): Promise<Rehearsal> {
  const forbidden = new Set(['prod/secret']);
  const variant = new Map(Object.entries(options));
  return startRehearsal(
    { backend: 'fortipam', issuerKey, secrets: SECRETS, forbidden, options: variant, ...more },
    systemRuntime(),
  );
}

/** The answer to a login with that ID token, or with a good one. */
export async function login(rehearsal: Rehearsal, jwt?: string): Promise<CallAnswer> {
  const body = JSON.stringify({ jwt: jwt ?? (await rehearsal.token()) });
  return call(rehearsal, 'POST', '/auth/jwt/login', { headers: JSON_BODY, body });
}
