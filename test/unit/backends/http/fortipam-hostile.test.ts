import { describe, expect, test, vi } from 'vitest';
import { AccessTokenRefused } from '../../../../src/backends/types.ts';
import { SecretctlError } from '../../../../src/lib/errors.ts';
import type { AccessToken } from '../../../../src/lib/tokens.ts';
import { call } from '../../../support/call.ts';
import { bytesTold, PLAYERS } from '../../../support/fortipam-players.ts';
import { type BackendSetup, type RehearsedBackend, refs } from '../../../support/rehearsed-backend.ts';
import { within } from '../../../support/within.ts';

// What a server must not get away with, once with the built-in backend and once with the recipe.

const SECRETS = { 'prod/a': 'first', 'prod/b': 'second' };
const interrupted = (): SecretctlError => new SecretctlError('INTERRUPTED', 'stopped by SIGINT');

interface Prepared extends RehearsedBackend {
  readonly accessToken: AccessToken;
}

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

describe.each(PLAYERS.map((player) => [player.name, player] as const))('FortiPAM %s', (_, { rehearse }) => {
  const prepare = async (setup: BackendSetup = {}): Promise<Prepared> => {
    const rehearsed = await rehearse({ secrets: SECRETS, ...setup });
    return { ...rehearsed, accessToken: await rehearsed.logIn() };
  };

  test.each<[string, string, string]>([
    ['401', '401', 'refused'],
    ['a login page', 'html', 'refused'],
    ['a login page with 403', '403;type=text/html;body=<html></html>', 'refused'],
    ['401 in the envelope of a 200', '200;body={"http_status":401,"results":[{"password":"x"}]}', 'refused'],
    ['a 400', '400', 'BAD_REQUEST'],
    ['a 424', '424', 'BAD_REQUEST'],
    ['a 429', '429', 'LOCKED_OUT'],
    ['429 in the envelope of a 200', '200;body={"http_status":429}', 'LOCKED_OUT'],
    ['a 500 in the envelope of a 200', '200;body={"http_status":500}', 'UNAVAILABLE'],
    ['a 404 that is no envelope', '404;type=text/plain', 'UNEXPECTED_ANSWER'],
    ['a body without results', '200;body={"status":"success"}', 'UNEXPECTED_ANSWER'],
    ['results twice', '200;body={"results":[{"password":"x"}],"results":[{"password":"y"}]}', 'UNEXPECTED_ANSWER'],
    ['two records', '200;body={"results":[{"password":"x"},{"password":"y"}]}', 'UNEXPECTED_ANSWER'],
    ['two records, one empty', '200;body={"results":[{"password":"x"},{}]}', 'UNEXPECTED_ANSWER'],
    ['text for results', '200;body={"results":"x"}', 'UNEXPECTED_ANSWER'],
    ['null for a value', '200;body={"results":[{"password":null}]}', 'UNEXPECTED_ANSWER'],
    ['an object for a value', '200;body={"results":[{"password":{"a":"x"}}]}', 'UNEXPECTED_ANSWER'],
    ['a field twice', '200;body={"results":[{"password":"x","password":"y"}]}', 'UNEXPECTED_ANSWER'],
    [
      'a listed field twice',
      '200;body={"results":[{"field":[{"name":"password","value":"x"},{"name":"password","value":"y"}]}]}',
      'UNEXPECTED_ANSWER',
    ],
    ['half a character', '200;body={"results":[{"password":"\\ud800"}]}', 'UNEXPECTED_ANSWER'],
    ['a value beside an error', '200;body={"error":"no","results":[{"password":"x"}]}', 'UNEXPECTED_ANSWER'],
    ['a value beside a CLI error', '200;body={"cli_error":"no","results":[{"password":"x"}]}', 'UNEXPECTED_ANSWER'],
    ['a status that is none', '200;body={"http_status":"odd","results":[{"password":"x"}]}', 'UNEXPECTED_ANSWER'],
    [
      'a status twice',
      '200;body={"http_status":403,"http_status":200,"results":[{"password":"x"}]}',
      'UNEXPECTED_ANSWER',
    ],
  ])('%s in answer to a read is never a value', async (__, what, expected) => {
    const { backend, accessToken } = await prepare({ faults: [`read:${what}`] });
    const error: unknown = await backend.fetchSecrets(accessToken, refs('prod/a')).catch((error_: unknown) => error_);
    if (expected === 'refused') expect(error).toBeInstanceOf(AccessTokenRefused);
    else expect(error).toMatchObject({ reason: expected });
  });

  test.each<[string, string, string, string]>([
    ['a field that is listed', 'password', '[{"field":[{"name":"Password","value":"v"}]}]', 'v'],
    ["a record's own member, which is no field in other letters", 'Name', '[{"name":"n","field":[]}]', 'missing'],
    ["a record's own member by its name", 'name', '[{"name":"n","field":[]}]', 'n'],
    [
      'fields that only letter case tells apart',
      'token',
      '[{"field":[{"name":"TOKEN","value":"1"},{"name":"Token","value":"2"}]}]',
      'missing',
    ],
    ['a member named after the field', 'password', '[{"PassWord":"v"}]', 'v'],
    ['members that only letter case tells apart', 'token', '[{"TOKEN":"1","Token":"2"}]', 'missing'],
    ['the very name before another letter case', 'Token', '[{"TOKEN":"1","Token":"2"}]', '2'],
    ['a record that is not in a list', 'password', '{"field":[{"name":"password","value":"v"}]}', 'v'],
    ['its members', 'password', '{"Password":"v"}', 'v'],
    ['a number', 'port', '[{"port":9007199254740993}]', '9007199254740993'],
    ['no record', 'password', '[]', 'missing'],
  ])('%s', async (__, field, results, expected) => {
    const { backend, accessToken } = await prepare({ faults: [`read:200;body={"results":${results}}`] });
    expect(bytesTold(await backend.fetchSecrets(accessToken, refs(`100#${field}`)))).toEqual([expected]);
  });

  test.each([
    ['500', 'UNAVAILABLE'],
    ['200;body={"status":"success"}', 'UNEXPECTED_ANSWER'],
    ['badjson', 'BAD_JSON'],
    ['424', 'BAD_REQUEST'],
  ])('a read that gets %s after the check-out: the secret is checked in all the same', async (fault, reason) => {
    const options = { checkout: 'required' };
    const prepared = await prepare({ options, values: { 'check-out': 'always' }, faults: [`read:${fault}`] });
    const fetching = prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
    await expect(fetching).rejects.toMatchObject({ reason });
    expect(await stillOut(prepared)).toEqual([]);
  });

  test('one failing secret does not keep the others from being checked in', async () => {
    const options = { checkout: 'required' };
    const prepared = await prepare({ options, values: { 'check-out': 'always' }, faults: ['read#1:424'] });
    const fetching = prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a', 'prod/b'));
    await expect(fetching).rejects.toMatchObject({ reason: 'BAD_REQUEST' });
    expect(await stillOut(prepared)).toEqual([]);
  });

  test.each([
    ['cut off', 'cut', 'TRUNCATED'],
    ['lost', 'noframing', 'FRAMING'],
  ])('a check-out whose answer is %s may have taken place, so it is checked in', async (__, fault, reason) => {
    const prepared = await prepare({ options: { checkout: 'required' }, faults: [`any#4:${fault}`] });
    const fetching = prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
    await expect(fetching).rejects.toMatchObject({ reason });
    expect(await stillOut(prepared)).toEqual([]);
  });

  test.each([
    ['a refused token', '401', 'AccessTokenRefused'],
    ['a lock-out', '429', 'SecretctlError'],
  ])('%s at the check-out ends it: nothing is checked in', async (__, status, name) => {
    const prepared = await prepare({ options: { checkout: 'required' }, faults: [`any#4:${status}`] });
    const fetching = prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
    await expect(fetching).rejects.toMatchObject({ name });
    expect(prepared.rehearsal.requests.filter(({ path }) => path.endsWith('checkin'))).toEqual([]);
  });

  test.each(['403', '500', 'html', 'reset'])('a check-in that gets %s warns and changes no result', async (fault) => {
    const prepared = await prepare({ options: { checkout: 'required' }, faults: [`any#6:${fault}*9`] });
    const outcomes = await prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
    expect(bytesTold(outcomes)).toEqual(['first']);
    expect(prepared.lines).toContainEqual(
      expect.stringMatching(/^secretctl: warning: prod\/a could not be checked in again \(.+\)/),
    );
  });

  test('a run that is stopped while it reads still checks in, in time of its own', async () => {
    const options = { checkout: 'required' };
    const prepared = await prepare({ options, values: { 'check-out': 'always' }, faults: ['read:silent'] });
    onSend(prepared, '/cmdb/', 1, () => prepared.invocation.deadline.abort(interrupted()));
    const fetching = within(2500, prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a')));
    await expect(fetching).rejects.toMatchObject({ reason: 'INTERRUPTED' });
    expect(await stillOut(prepared)).toEqual([]);
  });

  test('a run that is stopped while it checks out checks in as well', async () => {
    const options = { checkout: 'required' };
    const prepared = await prepare({ options, values: { 'check-out': 'always' }, faults: ['any#3:silent'] });
    onSend(prepared, 'checkout', 1, () => prepared.invocation.deadline.abort(interrupted()));
    const fetching = within(2500, prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a')));
    await expect(fetching).rejects.toMatchObject({ reason: 'INTERRUPTED' });
    expect(await stillOut(prepared)).toEqual([]);
    expect(prepared.rehearsal.requests.some(({ path }) => path.endsWith('checkin'))).toBe(true);
  });

  test('a run that is stopped while it checks in tries once more', async () => {
    const options = { checkout: 'required' };
    const prepared = await prepare({ options, values: { 'check-out': 'always' }, faults: ['any#5:silent'] });
    const fetching = prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a'));
    await vi.waitFor(() => expect(prepared.rehearsal.requests).toHaveLength(5));
    prepared.invocation.deadline.abort(interrupted());
    await fetching;
    expect(await stillOut(prepared)).toEqual([]);
  });

  test('a server that has gone silent holds up a stopped run for two seconds at most', async () => {
    const options = { checkout: 'required' };
    const prepared = await prepare({ options, values: { 'check-out': 'always' }, faults: ['any#4:silent*9'] });
    onSend(prepared, '/cmdb/', 1, () => prepared.invocation.deadline.abort(interrupted()));
    const fetching = within(2500, prepared.backend.fetchSecrets(prepared.accessToken, refs('prod/a')));
    await expect(fetching).rejects.toMatchObject({ reason: 'INTERRUPTED' });
    expect(prepared.lines).toContainEqual(expect.stringContaining('could not be checked in again'));
  });
});
