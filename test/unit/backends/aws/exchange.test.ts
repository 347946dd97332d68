import { describe, expect, test } from 'vitest';
import { openKey } from '../../../../src/backends/aws/access-key.ts';
import { AccessTokenRefused, isComposing, isRevoking } from '../../../../src/backends/types.ts';
import { Sensitive } from '../../../../src/lib/sensitive.ts';
import { canary } from '../../../support/canaries.ts';
import { type BackendSetup, refs } from '../../../support/rehearsed-backend.ts';
import { failing, failingSts, operations, rehearse } from './rehearsed.ts';

const STS = 'POST /sts/';

test('an ID token becomes temporary credentials of 15 minutes in one unsigned request', async () => {
  const { logIn, taken, backend } = await rehearse();
  const { value, expiresAtMs, lifetimeSeconds } = await logIn();
  expect(openKey(value)?.id).toMatch(/^ASIA\w{16}$/);
  expect(Math.abs((lifetimeSeconds ?? 0) - 900)).toBeLessThan(10);
  expect(Math.abs((expiresAtMs ?? 0) - Date.now() - 900_000)).toBeLessThan(30_000);
  expect(taken()).toEqual([STS]);
  expect(isRevoking(backend)).toBe(false);
});

test('the end of life is told on the clock of this machine', async () => {
  const { logIn } = await rehearse({ serverClockMs: 240_000 });
  expect(Math.abs(((await logIn()).expiresAtMs ?? 0) - Date.now() - 900_000)).toBeLessThan(30_000);
});

test.each<[string, Record<string, string>]>([
  ['an hour', { 'session-lifetime': '1h' }],
  ['a name of its own', { 'session-name': 'deploy@main' }],
])('a session of %s', async (_, values) => {
  const { logIn } = await rehearse({ values });
  expect((await logIn()).lifetimeSeconds).toBeGreaterThan(890);
});

test.each<[string, Record<string, unknown>, string]>([
  ['job, project and host', {}, 'assumed-role/ci/302-20-localhost'],
  ['the subject', { job_id: null }, 'assumed-role/ci/project_path-acme-shop-ref_type-branch-ref-main'],
])('without a name a session is called by %s', async (_, claims, name) => {
  const { backend, exchange, idToken } = await rehearse({ forbidden: new Set(['private']) });
  const accessToken = await exchange(await idToken(claims));
  const [outcome] = await backend.fetchSecrets(accessToken, refs('private'));
  expect(outcome).toMatchObject({ refusal: 'forbidden', reason: expect.stringContaining(name) });
});

describe('refusals', () => {
  test.each<[string, BackendSetup, Parameters<Awaited<ReturnType<typeof rehearse>>['idToken']>, RegExp]>([
    ['another role', { values: { 'role-arn': 'arn:aws:iam::123456789012:role/other' } }, [], /AccessDenied "Not auth/],
    ['another subject', {}, [{ sub: 'project_path:acme/shop:ref_type:branch:ref:MAIN' }], /AccessDenied/],
    ['another audience', {}, [{}, { audience: 'x' }], /InvalidIdentityToken "Incorrect token audience"/],
    ['another issuer', {}, [{ iss: 'https://gitlab.example.com' }], /InvalidIdentityToken "No OpenIDConnect/],
    ['an end that is past', {}, [{}, { lifetimeSeconds: -600 }], /ExpiredTokenException "Token expired/],
    ['an algorithm that AWS does not take', {}, [{}, { algorithm: 'PS256' }], /<identity provider> & its \\?"jwks_uri/],
  ])('%s', async (_, setup, given, words) => {
    const { exchange, idToken, rehearsal } = await rehearse(setup);
    const exchanging = exchange(await idToken(...given));
    await expect(exchanging).rejects.toMatchObject({ reason: 'AUTH_REFUSED', exit: 77 });
    await expect(exchanging).rejects.toThrow(words);
    expect(rehearsal.requests).toHaveLength(1);
  });

  test('a session that is longer than the role allows', async () => {
    const { logIn } = await rehearse({ values: { 'session-lifetime': '2h' } });
    const loggingIn = logIn();
    await expect(loggingIn).rejects.toMatchObject({
      reason: 'BAD_REQUEST',
      hints: [expect.stringMatching(/^session-/)],
    });
  });

  test('a message that may quote the token is not shown; the member it is about is', async () => {
    const secret = canary();
    const message = `1 validation error detected: Value '${secret}' at 'webIdentityToken' failed to satisfy`;
    const { logIn, lines } = await rehearse({ faults: [`exchange:${failingSts('ValidationError', message)}`] });
    const error = await logIn().catch((error_: unknown) => error_);
    expect(error).toMatchObject({ reason: 'BAD_REQUEST', message: expect.stringContaining('webIdentityToken') });
    expect(`${JSON.stringify(error)} ${String(error)} ${lines.join('\n')}`).not.toContain(secret);
  });
});

test.each<[string, string, string]>([
  ['an issuer that STS cannot reach', failingSts('IDPCommunicationError'), 'UNAVAILABLE'],
  ['throttling', failingSts('Throttling'), 'RATE_LIMITED'],
  ['500', '500', 'UNAVAILABLE'],
  ['429', '429', 'RATE_LIMITED'],
])('%s is tried four times', async (_, fault, reason) => {
  const { logIn, rehearsal } = await rehearse({ faults: [`exchange:${fault}`] });
  await expect(logIn()).rejects.toMatchObject({ reason, retryable: true });
  expect(rehearsal.requests).toHaveLength(4);
});

test('where each ID token counts once, no answer has it sent again', async () => {
  const faults = [`exchange:${failingSts('IDPCommunicationError')}`];
  const { logIn, rehearsal } = await rehearse({ faults, singleUse: true });
  await expect(logIn()).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  expect(rehearsal.requests).toHaveLength(1);
});

test('the parts of the credentials that are secret are known', async () => {
  const { backend, logIn } = await rehearse();
  if (!isComposing(backend)) throw new Error('has no parts');
  const accessToken = await logIn();
  const parts = backend.partsOf(accessToken).map((part) => part.reveal().toString());
  expect(parts).toHaveLength(2);
  for (const part of parts) expect(accessToken.value.reveal().toString()).toContain(part);
  expect(backend.partsOf({ ...accessToken, value: new Sensitive('of another kind') })).toEqual([]);
});

test.each(['IDPCommunicationError', 'Throttling'])('after %s the next answer counts', async (code) => {
  const { logIn, rehearsal } = await rehearse({ faults: [`exchange#1:${failingSts(code)}`] });
  await expect(logIn()).resolves.toHaveProperty('value');
  expect(rehearsal.requests).toHaveLength(2);
});

test.each<[string, string, string]>([
  ['401', '401', 'AUTH_REFUSED'],
  ['403 without a code', '403', 'AUTH_REFUSED'],
  ['a region that is not active', failingSts('RegionDisabledException', 'no', 403), 'AUTH_REFUSED'],
  ['404', '404', 'BAD_REQUEST'],
  ['a page with 400', '400;type=text/html;body=<html></html>', 'NOT_THE_API'],
  ['a page with 403', 'html;status=403', 'NOT_THE_API'],
])('%s is %s', async (_, fault, reason) => {
  const { logIn, rehearsal } = await rehearse({ faults: [`exchange:${fault}`] });
  await expect(logIn()).rejects.toMatchObject({ reason });
  expect(rehearsal.requests).toHaveLength(1);
});

const CREDENTIALS =
  '<AccessKeyId>ASIAAAAAAAAAAAAAAAAA</AccessKeyId><SecretAccessKey>made-up</SecretAccessKey><SessionToken>made-up</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>';

test.each<[string, string]>([
  ['an end in a thousand years', CREDENTIALS],
  ['no end', CREDENTIALS.replace(/<Expiration>.*/, '')],
  ['two ids', `${CREDENTIALS}<AccessKeyId>ASIABBBBBBBBBBBBBBBB</AccessKeyId>`],
  ['a token with a line break', CREDENTIALS.replace('<SessionToken>', '<SessionToken>\n')],
  ['an empty secret', CREDENTIALS.replace('made-up', '')],
])('credentials with %s are none', async (_, credentials) => {
  const body = `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>${credentials}</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
  const { logIn } = await rehearse({ faults: [`exchange:200;type=text/xml;body=${body}`] });
  await expect(logIn()).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test.each(['revoke-tokens', 'end-tokens'])('after %s the credentials are refused as such', async (what) => {
  const { backend, logIn, rehearsal } = await rehearse();
  const accessToken = await logIn();
  rehearsal.disturb(what);
  for (const ref of ['plain', 'ssm:plain', 'ssm:/app/']) {
    await expect(backend.fetchSecrets(accessToken, refs(ref))).rejects.toBeInstanceOf(AccessTokenRefused);
  }
});

test('401 is a refusal of the credentials, whoever says it', async () => {
  const { backend, logIn } = await rehearse({ faults: ['read:401'] });
  const fetching = backend.fetchSecrets(await logIn(), refs('plain', 'app/db'));
  await expect(fetching).rejects.toBeInstanceOf(AccessTokenRefused);
});

describe('clocks', () => {
  test.each([-3_600_000, 3_600_000])('a server %i ms ahead: signed once more on its clock', async (serverClockMs) => {
    const clock = await rehearse({ serverClockMs });
    const accessToken = await clock.exchange(
      await clock.idToken({ exp: Math.floor((Date.now() + serverClockMs) / 1000) + 300, iat: 0, nbf: 0 }),
    );
    const outcomes = await clock.backend.fetchSecrets(accessToken, refs('plain', 'app/web/key'));
    expect(outcomes).toHaveLength(2);
    expect(operations(clock)).toEqual(['AssumeRoleWithWebIdentity', 'BatchGetSecretValue', 'BatchGetSecretValue']);
    await clock.backend.fetchSecrets(accessToken, refs('plain'));
    expect(operations(clock).slice(3)).toEqual(['GetSecretValue', 'GetSecretValue']);
  });

  test('a signature that does not fit is not sent again, and what the server quotes is not shown', async () => {
    const { fetch, lines, rehearsal } = await rehearse({
      faults: [`read:${failing('SignatureDoesNotMatch', `x-amz-security-token:${'quoted'.repeat(9)}`)}`],
    });
    const error = await fetch(refs('plain')).catch((error_: unknown) => error_);
    expect(error).toMatchObject({ reason: 'AUTH_REFUSED' });
    expect(`${String(error)} ${lines.join('\n')}`).not.toContain('quoted');
    expect(rehearsal.requests).toHaveLength(2);
  });
});
