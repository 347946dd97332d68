import { expect, test, vi } from 'vitest';
import { fortipam } from '../../../../src/backends/fortipam/index.ts';
import { AccessTokenRefused } from '../../../../src/backends/types.ts';
import { SecretctlError } from '../../../../src/lib/errors.ts';
import type { AccessToken } from '../../../../src/lib/tokens.ts';
import { call } from '../../../support/call.ts';
import { type BackendSetup, type RehearsedBackend, refs, rehearseBackend } from '../../../support/rehearsed-backend.ts';
import { within } from '../../../support/within.ts';

const SECRETS = { 'prod/a': 'first', 'prod/b': 'second' };

interface Prepared extends RehearsedBackend {
  readonly accessToken: AccessToken;
}

async function prepare(setup: BackendSetup = {}): Promise<Prepared> {
  const rehearsed = await rehearseBackend(fortipam, { secrets: SECRETS, options: { checkout: 'required' }, ...setup });
  return { ...rehearsed, accessToken: await rehearsed.logIn() };
}

/** What the requests after login and look-up were, with their statuses. */
function steps({ rehearsal }: Prepared): string[] {
  return rehearsal.requests.slice(2).map(({ path, status }) => {
    const step = /secret-(?<action>check\w+)/.exec(path)?.groups?.['action'] ?? 'read';
    return `${step} ${status}`;
  });
}

/** Ids of the secrets that the server holds for checked out. */
async function stillOut({ rehearsal, accessToken }: Prepared): Promise<number[]> {
  const headers = { authorization: `Bearer ${accessToken.value.reveal().toString()}` };
  const { text } = await call(rehearsal, 'GET', '/api/v2/cmdb/secret/database', { headers });
  const { results }: { results: { id: number; permissions: { checkout_status: string } }[] } = JSON.parse(text);
  return results.filter((row) => row.permissions.checkout_status !== 'none').map((row) => row.id);
}

/** Calls `act` as soon as the n-th request to a path that holds `part` has been handed over. */
function onSend({ http }: Prepared, part: string, nth: number, act: () => void): void {
  const send = http.send.bind(http);
  let seen = 0;
  Object.assign(http, {
    send(...given: Parameters<typeof send>) {
      const answer = send(...given);
      if (given[0].path.includes(part) && ++seen === nth) act();
      return answer;
    },
  });
}

const interrupted = (): SecretctlError => new SecretctlError('INTERRUPTED', 'stopped by SIGINT');

test('when-required: a refused read is followed by check-out, read and check-in', async () => {
  const prepared = await prepare();
  const outcomes = await prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
  expect(outcomes).toMatchObject([{ value: expect.anything() }]);
  expect(steps(prepared)).toEqual(['read 403', 'checkout 200', 'read 200', 'checkin 200']);
  expect(await stillOut(prepared)).toEqual([]);
  expect(prepared.lines.filter((line) => line.includes('warning'))).toEqual([]);
});

test('when-required: a secret that can be read is not checked out', async () => {
  const prepared = await prepare({ options: {} });
  await prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
  expect(steps(prepared)).toEqual(['read 200']);
});

test('always: no read before the check-out, and one check-out for all fields of a secret', async () => {
  const prepared = await prepare({ values: { 'check-out': 'always' } });
  const outcomes = await prepared.backend.fetchSecrets(
    prepared.accessToken,
    refs('prod/a', '100#Password', 'prod/a#Password.x'),
  );
  expect(outcomes.every((outcome) => 'value' in outcome)).toBe(true);
  expect(steps(prepared)).toEqual(['checkout 200', 'read 200', 'checkin 200']);
});

test('never: a refused read is the answer', async () => {
  const prepared = await prepare({ values: { 'check-out': 'never' } });
  expect(await prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'))).toMatchObject([
    { refusal: 'forbidden', reason: 'it may not be read "Secret must be checked out first"' },
  ]);
  expect(steps(prepared)).toEqual(['read 403']);
});

test('a refused check-out makes the secret a forbidden one, and nothing is checked in', async () => {
  const prepared = await prepare({ options: { checkout: 'held' } });
  expect(await prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'))).toMatchObject([
    {
      refusal: 'forbidden',
      reason: expect.stringContaining('its check-out was refused: 403 "Secret is already checked out"'),
    },
  ]);
  expect(steps(prepared)).toEqual(['read 403', 'checkout 403']);
});

test.each([
  ['500', 'UNAVAILABLE'],
  ['200;body={"status":"success"}', 'UNEXPECTED_ANSWER'],
  ['badjson', 'BAD_JSON'],
  ['424', 'BAD_REQUEST'],
])('a read that gets %s after the check-out: the secret is checked in all the same', async (fault, reason) => {
  const prepared = await prepare({ values: { 'check-out': 'always' }, faults: [`read:${fault}`] });
  const fetching = prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
  await expect(fetching).rejects.toMatchObject({ reason });
  expect(steps(prepared).at(-1)).toBe('checkin 200');
  expect(await stillOut(prepared)).toEqual([]);
});

test('one failing secret does not keep the others from being checked in', async () => {
  const prepared = await prepare({ values: { 'check-out': 'always' }, faults: ['read#1:424'] });
  const fetching = prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a', 'prod/b'));
  await expect(fetching).rejects.toMatchObject({ reason: 'BAD_REQUEST' });
  expect(await stillOut(prepared)).toEqual([]);
});

test.each([
  ['cut off', 'cut', 'TRUNCATED'],
  ['lost', 'noframing', 'FRAMING'],
])('a check-out whose answer is %s may have taken place, so it is checked in', async (_, fault, reason) => {
  const prepared = await prepare({ faults: [`any#4:${fault}`] });
  const fetching = prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
  await expect(fetching).rejects.toMatchObject({ reason });
  expect(steps(prepared)).toEqual(['read 403', 'checkout 200', 'checkin 200']);
  expect(await stillOut(prepared)).toEqual([]);
});

test.each([
  ['a refused token', '401', 'AccessTokenRefused'],
  ['a lock-out', '429', 'SecretctlError'],
])('%s at the check-out ends it: nothing is checked in', async (_, status, name) => {
  const prepared = await prepare({ faults: [`any#4:${status}`] });
  const fetching = prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
  await expect(fetching).rejects.toMatchObject({ name });
  expect(steps(prepared)).toEqual(['read 403', `checkout ${status}`]);
});

test.each(['403', '500', 'html', 'reset'])('a check-in that gets %s warns and changes no result', async (fault) => {
  const prepared = await prepare({ faults: [`any#6:${fault}*9`] });
  const outcomes = await prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
  expect(outcomes).toMatchObject([{ value: expect.anything() }]);
  expect(prepared.lines).toContainEqual(
    expect.stringMatching(/^secretctl: warning: prod\/a could not be checked in again \(.+\)/),
  );
});

test('a run that is stopped while it reads still checks in, in time of its own', async () => {
  const prepared = await prepare({ values: { 'check-out': 'always' }, faults: ['read:silent'] });
  onSend(prepared, '/cmdb/', 1, () => prepared.invocation.deadline.abort(interrupted()));
  const fetching = within(2500, prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a')));
  await expect(fetching).rejects.toMatchObject({ reason: 'INTERRUPTED' });
  expect(await stillOut(prepared)).toEqual([]);
});

test('a run that is stopped while it checks in tries once more', async () => {
  const prepared = await prepare({ values: { 'check-out': 'always' }, faults: ['any#5:silent'] });
  const fetching = prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
  await vi.waitFor(() => expect(prepared.rehearsal.requests).toHaveLength(5));
  prepared.invocation.deadline.abort(interrupted());
  await fetching;
  expect(await stillOut(prepared)).toEqual([]);
});

test('a server that has gone silent holds up a stopped run for two seconds at most', async () => {
  const prepared = await prepare({ values: { 'check-out': 'always' }, faults: ['any#4:silent*9'] });
  onSend(prepared, '/cmdb/', 1, () => prepared.invocation.deadline.abort(interrupted()));
  const fetching = within(2500, prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a')));
  await expect(fetching).rejects.toMatchObject({ reason: 'INTERRUPTED' });
  expect(prepared.lines).toContainEqual(expect.stringContaining('could not be checked in again'));
});

test('a stale access token is reported as such, with no check-out', async () => {
  const prepared = await prepare();
  prepared.rehearsal.disturb('revoke-tokens');
  const fetching = prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a', 'prod/b'));
  await expect(fetching).rejects.toBeInstanceOf(AccessTokenRefused);
  expect(prepared.rehearsal.requests.some(({ path }) => path.includes('check'))).toBe(false);
});
