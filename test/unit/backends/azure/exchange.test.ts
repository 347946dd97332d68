import { describe, expect, test } from 'vitest';
import { SecretctlError } from '../../../../src/lib/errors.ts';
import type { BackendSetup, RehearsedBackend } from '../../../support/rehearsed-backend.ts';
import { rehearse } from './rehearsed.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';

test('one request to the tenant, and a token with the end that Entra says', async () => {
  const { backend, idToken, taken } = await rehearse({
    options: { 'token-lifetime': '90' },
    backendWorld: { now: () => 1_000_000 },
  });
  const accessToken = 'exchange' in backend ? await backend.exchange(await idToken()) : undefined;
  expect(accessToken).toMatchObject({ lifetimeSeconds: 90, expiresAtMs: 1_090_000 });
  expect(taken()).toEqual([`POST /${TENANT}/oauth2/v2.0/token`]);
});

describe('refusals carry the number of Entra and a hint', () => {
  test.each<[string, BackendSetup, Parameters<RehearsedBackend['idToken']>, readonly [string, RegExp]]>([
    ['another issuer', {}, [{ iss: 'https://elsewhere.example.com' }], ['AADSTS700211', /issuer differs/]],
    ['another audience', {}, [{}, { audience: 'x' }], ['AADSTS700212', /api:\/\/AzureADTokenExchange/]],
    ['another subject', {}, [{ sub: 'project_path:acme/shop:ref_type:tag:ref:v1' }], ['AADSTS700213', /branch or tag/]],
    ['an end that is past', {}, [{}, { lifetimeSeconds: -900 }], ['AADSTS700024', /past its end/]],
    ['another algorithm', {}, [{}, { algorithm: 'ES256' }], ['AADSTS50013', /signature/]],
    [
      'another application',
      { values: { 'client-id': '00000000-0000-0000-0000-000000000001' } },
      [],
      ['AADSTS700016', /client-id/],
    ],
    ['another tenant', { values: { 'tenant-id': 'contoso.example.com' } }, [], ['AADSTS90002', /tenant-id/]],
    [
      'the scope of another cloud',
      { values: { scope: 'https://vault.azure.cn/.default' } },
      [],
      ['AADSTS500011', /one cloud/],
    ],
  ])('%s', async (_, setup, given, [number, hint]) => {
    const { backend, idToken, rehearsal } = await rehearse(setup);
    const failed = await failure(backend, await idToken(...given));
    expect(failed).toMatchObject({ reason: 'AUTH_REFUSED', exit: 77 });
    expect(failed.message).toContain(number);
    expect(failed.hints.join()).toMatch(hint);
    expect(rehearsal.report().reads).toBe(0);
  });
});

test('a refusal shows the sentence and leaves out the ids of the trace', async () => {
  const { backend, idToken } = await rehearse();
  const failed = await failure(backend, await idToken({ sub: 'somebody-else' }));
  expect(failed.message).toContain("presented assertion subject 'somebody-else'");
  expect(failed.message).not.toMatch(/Trace ID|Correlation/);
  expect(failed.facts.requestId).toBe('00000000-0000-4000-8000-000000000000');
});

test.each<[string, string, string]>([
  ['404', '404', 'BAD_REQUEST'],
  ['a page', 'html', 'NOT_THE_API'],
  ['a page with 403', 'html;status=403', 'NOT_THE_API'],
  ['a fault of its own', '503', 'UNAVAILABLE'],
  [
    'a fault that passes',
    '400;body={"error":"invalid_request","error_description":"AADSTS90033: A transient error has occurred."}',
    'UNAVAILABLE',
  ],
  ['too many requests', '429', 'RATE_LIMITED'],
  ['400 without JSON', '400;type=text/plain', 'AUTH_REFUSED'],
  ['null', '200;body=null', 'UNEXPECTED_ANSWER'],
  ['no token', '200;body={"token_type":"Bearer","expires_in":5}', 'UNEXPECTED_ANSWER'],
  ['no life', '200;body={"token_type":"Bearer","access_token":"a"}', 'UNEXPECTED_ANSWER'],
  ['a life of none', '200;body={"token_type":"Bearer","access_token":"a","expires_in":0}', 'UNEXPECTED_ANSWER'],
  ['a token of another type', '200;body={"token_type":"pop","access_token":"a","expires_in":5}', 'UNEXPECTED_ANSWER'],
  [
    'two tokens',
    '200;body={"token_type":"Bearer","access_token":"a","access_token":"b","expires_in":5}',
    'UNEXPECTED_ANSWER',
  ],
  [
    'a token with a line feed',
    '200;body={"token_type":"Bearer","access_token":"a\\nb","expires_in":5}',
    'UNEXPECTED_ANSWER',
  ],
])('%s in answer to the exchange', async (_, fault, reason) => {
  const { logIn } = await rehearse({ faults: [`exchange:${fault}`] });
  await expect(logIn()).rejects.toMatchObject({ reason });
});

test('an end in text, as version 1 of the endpoint writes it', async () => {
  const { logIn } = await rehearse({
    faults: ['exchange:200;body={"token_type":"bearer","access_token":"a","expires_in":"3600"}'],
  });
  await expect(logIn()).resolves.toMatchObject({ lifetimeSeconds: 3600 });
});

async function failure(
  backend: RehearsedBackend['backend'],
  token: Awaited<ReturnType<RehearsedBackend['idToken']>>,
): Promise<SecretctlError> {
  if (!('exchange' in backend)) throw new Error('takes no ID token');
  const outcome = await backend.exchange(token).catch((error: unknown) => error);
  if (outcome instanceof SecretctlError) return outcome;
  throw new Error('not refused');
}
