import { type Rehearsal, type RehearsalOptions, startRehearsal } from '../../../../src/dev/index.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { call, type CallAnswer } from '../../../support/call.ts';
import { issuerKey } from '../../../support/issuer-key.ts';

const SECRETS = new Map([
  ['app/key', [Buffer.from('first'), Buffer.from('second')]],
  ['app/db', [Buffer.from('{"user":"shop","big":12345678901234567890}')]],
  ['old', [Buffer.from('kept'), Buffer.from('gone')]],
]);

export const HEADERS = { 'x-vault-request': 'true' };

/** A rehearsed Vault that holds a few secrets and one that may not be read. */
export function openVault(
  options: Readonly<Record<string, string>> = {},
  more: Partial<RehearsalOptions> = {},
): Promise<Rehearsal> {
  const forbidden = new Set(['private']);
  const variant = new Map(Object.entries(options));
  return startRehearsal(
    { backend: 'vault', issuerKey, secrets: SECRETS, forbidden, options: variant, ...more },
    systemRuntime(),
  );
}

/** The answer to a login with that ID token, or with a good one. */
export async function login(
  rehearsal: Rehearsal,
  fields: Readonly<Record<string, unknown>> = {},
  path = '/v1/auth/jwt/login',
): Promise<CallAnswer> {
  const body = JSON.stringify({ jwt: await rehearsal.token(), ...fields });
  return call(rehearsal, 'POST', path, { headers: HEADERS, body });
}

/** The access token of a good login. */
export async function accessToken(rehearsal: Rehearsal): Promise<string> {
  const { text } = await login(rehearsal);
  const { auth } = JSON.parse(text) as { auth: { client_token: string } };
  return auth.client_token;
}

/** A request with that access token. */
export function ask(rehearsal: Rehearsal, token: string, target: string, method = 'GET'): Promise<CallAnswer> {
  return call(rehearsal, method, target, { headers: { ...HEADERS, 'x-vault-token': token } });
}
