import { expect, test } from 'vitest';
import { fortipam } from '../../../../src/backends/fortipam/index.ts';
import { type BackendSetup, rehearseBackend } from '../../../support/rehearsed-backend.ts';

test('without an expiry in the answer the token lives for the lease that is set', async () => {
  const { logIn } = await rehearseBackend(fortipam, {
    values: { 'token-lifetime': '5m' },
    world: { now: () => 1_000_000 },
  });
  expect(await logIn()).toMatchObject({ lifetimeSeconds: 300, expiresAtMs: 1_300_000 });
});

test('an expiry in seconds is counted from now', async () => {
  const { logIn } = await rehearseBackend(fortipam, {
    options: { expiry: 'seconds', 'token-lifetime': '90' },
    world: { now: () => 1_000_000 },
  });
  expect(await logIn()).toMatchObject({ lifetimeSeconds: 90, expiresAtMs: 1_090_000 });
});

test('an expiry as a NumericDate is read on the clock of the server', async () => {
  const setup = { options: { expiry: 'date', 'token-lifetime': '90' }, serverClockMs: 30_000 };
  const { logIn } = await rehearseBackend(fortipam, setup);
  const { lifetimeSeconds = 0, expiresAtMs = 0 } = await logIn();
  // `Date` has whole seconds.
  expect(lifetimeSeconds).toBeGreaterThan(88);
  expect(lifetimeSeconds).toBeLessThan(92);
  expect(expiresAtMs - Date.now()).toBeLessThan(92_000);
});

test.each<[string, BackendSetup]>([
  ['in a form', { options: { 'login-format': 'form' } }],
  ['in a field of another name', { options: { 'login-field': 'assertion' } }],
  ['with the name of the api-user', { options: { user: 'ci' } }],
  ['at another path', { options: { 'login-path': '/api/v2/auth/jwt/login' } }],
  ['and is answered with "token"', { options: { 'answer-field': 'token' } }],
  ['and is answered with "results.access_token"', { options: { 'answer-field': 'results.access_token' } }],
  [
    'and is answered with a field that is set',
    { options: { 'answer-field': 'x.y' }, values: { 'answer-token-fields': 'a,x.y' } },
  ],
])('the ID token goes out %s', async (_, setup) => {
  const { logIn } = await rehearseBackend(fortipam, setup);
  expect((await logIn()).value.reveal().toString()).toMatch(/^fpam-/);
});

test.each<[string, string, string]>([
  ['a 403', '403', 'AUTH_REFUSED'],
  ['a 401 without JSON', '401;type=text/plain', 'AUTH_REFUSED'],
  ['a login page', 'html', 'AUTH_REFUSED'],
  ['a login page with 401', 'html;status=401', 'AUTH_REFUSED'],
  ['401 in the envelope of a 200', '200;body={"http_status":401,"status":"Unauthorized"}', 'AUTH_REFUSED'],
  ['a 400', '400', 'BAD_REQUEST'],
  ['a 424', '424', 'BAD_REQUEST'],
  ['a 404', '404', 'BAD_REQUEST'],
  ['a 429', '429', 'LOCKED_OUT'],
  ['429 in the envelope of a 200', '200;body={"http_status":429}', 'LOCKED_OUT'],
  ['503 in the envelope of a 200', '200;body={"http_status":503}', 'UNAVAILABLE'],
  ['no body', 'empty', 'UNEXPECTED_ANSWER'],
  ['null', '200;body=null', 'UNEXPECTED_ANSWER'],
  ['a list', '200;body=[]', 'UNEXPECTED_ANSWER'],
  ['no token', '200;body={"status":"success"}', 'UNEXPECTED_ANSWER'],
  ['an empty token', '200;body={"access_token":""}', 'UNEXPECTED_ANSWER'],
  ['a number for a token', '200;body={"access_token":7}', 'UNEXPECTED_ANSWER'],
  ['a token with a line feed', '200;body={"access_token":"a\\nb"}', 'UNEXPECTED_ANSWER'],
  ['two tokens', '200;body={"access_token":"a","access_token":"b"}', 'UNEXPECTED_ANSWER'],
  ['a word for an expiry', '200;body={"access_token":"a","expires_in":"soon"}', 'UNEXPECTED_ANSWER'],
  ['a token beside an error', '200;body={"access_token":"a","error":-5}', 'UNEXPECTED_ANSWER'],
  ['broken JSON', 'badjson', 'BAD_JSON'],
])('%s in answer to the login', async (_, what, reason) => {
  const { logIn, rehearsal } = await rehearseBackend(fortipam, { faults: [`exchange:${what}`] });
  await expect(logIn()).rejects.toMatchObject({ reason });
  expect(rehearsal.requests).toHaveLength(1);
});

test('a lock-out is not tried again, and says so with the time to wait', async () => {
  const { logIn, rehearsal } = await rehearseBackend(fortipam, { faults: ['exchange:429;retry-after=120'] });
  await expect(logIn()).rejects.toMatchObject({ exit: 77, facts: { retryAfterSeconds: 120 } });
  expect(rehearsal.requests).toHaveLength(1);
});

test('a busy server is tried again', async () => {
  const { logIn, rehearsal } = await rehearseBackend(fortipam, { faults: ['exchange:503*2'] });
  await logIn();
  expect(rehearsal.requests.map(({ status }) => status)).toEqual([503, 503, 200]);
});

test("the server's own words are shown, the ID token is not", async () => {
  const { exchange, idToken } = await rehearseBackend(fortipam);
  const token = await idToken({ project_path: 'acme/other' });
  const error: unknown = await exchange(token).catch((error_: unknown) => error_);
  expect(error).toMatchObject({
    reason: 'AUTH_REFUSED',
    message: expect.stringContaining('401 "Authentication failed"'),
  });
  expect(JSON.stringify(error)).not.toContain('eyJ');
});

test('FPAM_VERIFY_SSL=false is answered with a warning and changes nothing', async () => {
  const { lines, logIn } = await rehearseBackend(fortipam, { world: { env: { FPAM_VERIFY_SSL: 'false' } } });
  expect(lines).toEqual([expect.stringContaining('FPAM_VERIFY_SSL is not heeded')]);
  await logIn();
  const { lines: none } = await rehearseBackend(fortipam, { world: { env: { FPAM_VERIFY_SSL: 'true' } } });
  expect(none).toEqual([]);
});
