import { describe, expect, test } from 'vitest';
import { SecretctlError } from '../../../../src/lib/errors.ts';
import type { BackendSetup, RehearsedBackend } from '../../../support/rehearsed-backend.ts';
import { refs } from '../../../support/rehearsed-backend.ts';
import { rehearse, told } from './rehearsed.ts';

const ACCOUNT = 'ci@rehearsal-project.iam.gserviceaccount.com';
const ACT_AS = `POST /v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`;

test('one request where the pool has the access, and a token with the end that Google says', async () => {
  const { logIn, taken } = await rehearse({
    options: { 'token-lifetime': '90' },
    backendWorld: { now: () => 1_000_000 },
  });
  expect(await logIn()).toMatchObject({ lifetimeSeconds: 90, expiresAtMs: 1_090_000 });
  expect(taken()).toEqual(['POST /v1/token']);
});

test('a second one where a service account has it, with the life that was asked for', async () => {
  const { logIn, taken } = await rehearse({
    options: { 'service-account': ACCOUNT },
    values: { 'token-lifetime': '10m' },
  });
  const { lifetimeSeconds, expiresAtMs } = await logIn();
  expect(lifetimeSeconds).toBeGreaterThan(590);
  expect(lifetimeSeconds).toBeLessThanOrEqual(600);
  expect(expiresAtMs).toBeGreaterThan(Date.now());
  expect(taken()).toEqual(['POST /v1/token', ACT_AS]);
});

test("the end of a service account's token is told by the server's clock", async () => {
  const { logIn } = await rehearse({ options: { 'service-account': ACCOUNT }, serverClockMs: 200_000 });
  const { expiresAtMs } = await logIn();
  expect(Math.abs((expiresAtMs ?? 0) - Date.now() - 3_600_000)).toBeLessThan(30_000);
});

test('as the service account, secrets come; as the pool alone they do not', async () => {
  const setup = { options: { 'service-account': ACCOUNT } };
  const acting = await rehearse(setup);
  expect((await acting.fetch(refs('plain_one'))).map(told)).toEqual(['as it is']);
  const other = await rehearse({ ...setup, values: { 'service-account': 'other@x.iam.gserviceaccount.com' } });
  await expect(other.logIn()).rejects.toMatchObject({
    reason: 'AUTH_REFUSED',
    message: expect.stringContaining('IAM_PERMISSION_DENIED'),
    facts: { hint: expect.stringContaining('Workload Identity User') },
  });
});

test('an ID token type of its own', async () => {
  const { logIn } = await rehearse({ values: { 'subject-token-type': 'id_token' } });
  await expect(logIn()).resolves.toHaveProperty('lifetimeSeconds', 3600);
});

describe('refusals carry the words of Google and a hint', () => {
  test.each<[string, BackendSetup, Parameters<RehearsedBackend['idToken']>, readonly [string, RegExp]]>([
    ['another issuer', {}, [{ iss: 'https://elsewhere.example.com' }], ['invalid_grant', /issuer is not/]],
    ['another audience', {}, [{}, { audience: 'x' }], ['invalid_grant', /allowed audiences/]],
    ['another subject', {}, [{ sub: 'x' }], ['unauthorized_client', /attribute condition/]],
    ['an end that is past', {}, [{}, { lifetimeSeconds: -900 }], ['invalid_grant', /past its end/]],
    ['no subject', {}, [{ sub: null }], ['invalid_grant', /attribute mapping/]],
    ['another provider', { values: { 'provider-id': 'other' } }, [], ['invalid_target', /check provider/]],
  ])('%s', async (_, setup, given, [code, hint]) => {
    const { backend, idToken, rehearsal } = await rehearse(setup);
    const failed = await failure(backend, await idToken(...given));
    expect(failed).toMatchObject({ reason: 'AUTH_REFUSED', exit: 77 });
    expect(failed.message).toContain(code);
    expect(failed.hints.join()).toMatch(hint);
    expect(rehearsal.requests).toHaveLength(1);
  });
});

test.each<[string, string, string]>([
  ['a page', 'html', 'NOT_THE_API'],
  ['a page with 403', 'html;status=403', 'NOT_THE_API'],
  ['404 of somebody else', '404;type=text/plain', 'BAD_REQUEST'],
  ['a fault of its own', '503', 'UNAVAILABLE'],
  ['too many requests', '429', 'RATE_LIMITED'],
  ['null', '200;body=null', 'UNEXPECTED_ANSWER'],
  ['no token', '200;body={"token_type":"Bearer","expires_in":5}', 'UNEXPECTED_ANSWER'],
  ['a life of none', '200;body={"token_type":"Bearer","access_token":"a","expires_in":0}', 'UNEXPECTED_ANSWER'],
  ['a life in text', '200;body={"token_type":"Bearer","access_token":"a","expires_in":"5"}', 'UNEXPECTED_ANSWER'],
  ['a token of another type', '200;body={"token_type":"N_A","access_token":"a","expires_in":5}', 'UNEXPECTED_ANSWER'],
  ['two tokens', '200;body={"token_type":"Bearer","access_token":"a","access_token":"b"}', 'UNEXPECTED_ANSWER'],
  ['a token with a line feed', '200;body={"token_type":"Bearer","access_token":"a\\nb"}', 'UNEXPECTED_ANSWER'],
])('%s in answer to the exchange', async (_, fault, reason) => {
  const { logIn } = await rehearse({ faults: [`exchange:${fault}`] });
  await expect(logIn()).rejects.toMatchObject({ reason });
});

test('a token without an end is good, and not to be kept', async () => {
  const { logIn } = await rehearse({ faults: ['exchange:200;body={"token_type":"Bearer","access_token":"a"}'] });
  await expect(logIn()).resolves.toMatchObject({ expiresAtMs: undefined, lifetimeSeconds: undefined });
});

test.each<[string, string, string]>([
  ['a page', 'html', 'NOT_THE_API'],
  ['a page with 403', 'html;status=403', 'NOT_THE_API'],
  ['no end', '200;body={"accessToken":"a"}', 'UNEXPECTED_ANSWER'],
  ['an end that is past', '200;body={"accessToken":"a","expireTime":"2020-01-02T03:04:05Z"}', 'UNEXPECTED_ANSWER'],
  ['an end in words', '200;body={"accessToken":"a","expireTime":"tomorrow"}', 'UNEXPECTED_ANSWER'],
  ['no token', '200;body={"expireTime":"2099-01-02T03:04:05Z"}', 'UNEXPECTED_ANSWER'],
])('%s in place of the token of a service account', async (_, fault, reason) => {
  const { logIn } = await rehearse({
    options: { 'service-account': ACCOUNT },
    faults: [`exchange#2:${fault}`],
  });
  await expect(logIn()).rejects.toMatchObject({ reason });
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
