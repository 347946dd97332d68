import { expect, test } from 'vitest';
import { AccessTokenRefused, type Outcome } from '../../../../src/backends/types.ts';
import { refs } from '../../../support/rehearsed-backend.ts';
import { mostUnderWay } from '../../../support/under-way.ts';
import { rehearse, told } from './rehearsed.ts';

const SECRETS_OF = '/v1/projects/rehearsal-project/secrets';

test('short names, full names, numbers, latest and aliases', async () => {
  const { fetch, taken } = await rehearse({ options: { alias: 'stable' } });
  const outcomes = await fetch(
    refs(
      'plain_one',
      'app/key',
      'app--key/versions/2',
      'app/key/versions/latest',
      'projects/rehearsal-project/secrets/app--key/versions/stable',
      'projects/123456789012/secrets/app--key/versions/1',
    ),
  );
  expect(outcomes.map(told)).toEqual(['as it is', 'third', 'second', 'third', 'first', 'first']);
  expect(outcomes.map(versionOf)).toEqual(['1', '3', '2', '3', '1', '1']);
  expect(taken().slice(1).toSorted()).toEqual([
    'GET /v1/projects/123456789012/secrets/app--key/versions/1:access',
    `GET ${SECRETS_OF}/app--key/versions/2:access`,
    `GET ${SECRETS_OF}/app--key/versions/latest:access`,
    `GET ${SECRETS_OF}/app--key/versions/stable:access`,
    `GET ${SECRETS_OF}/plain_one/versions/latest:access`,
  ]);
});

test('?version=N', async () => {
  const { fetch } = await rehearse();
  const wanted = refs('app/key', 'app/key').map((ref, index) => ({ ...ref, version: index + 1 }));
  expect((await fetch(wanted)).map(told)).toEqual(['first', 'second']);
});

test('regional secrets have their location in the name', async () => {
  const { fetch, taken } = await rehearse({ options: { location: 'europe-west3' } });
  const full = 'projects/rehearsal-project/locations/europe-west3/secrets/plain_one';
  expect((await fetch(refs('app/key', full))).map(told)).toEqual(['third', 'as it is']);
  expect(taken()[1]).toBe(
    'GET /v1/projects/rehearsal-project/locations/europe-west3/secrets/app--key/versions/latest:access',
  );
});

test.each<[string, Record<string, string>]>([
  ['with.dot', {}],
  ['with space', {}],
  ['a'.repeat(256), {}],
  ['app//key', {}],
  ['app/key/versions/0', {}],
  ['app/key/versions/', {}],
  ['app/key/versions/a.b', {}],
  ['projects/p/secrets', {}],
  ['projects/p/secrets/a/b', {}],
  ['projects/p/locations/europe-west3/secrets/a', {}],
  ['projects/p/secrets/a', { location: 'europe-west3' }],
  ['projects/../secrets/a', {}],
])('a reference that Secret Manager cannot have here is refused before anything is sent: %s', async (text, values) => {
  const { backend, logIn, rehearsal } = await rehearse({ values });
  const fetching = backend.fetchSecrets(await logIn(), refs(text));
  await expect(fetching).rejects.toMatchObject({
    reason: 'REFERENCE_INVALID',
    facts: { details: [expect.any(String)] },
  });
  expect(rehearsal.report().reads).toBe(0);
});

test('a version that is said twice is refused', async () => {
  const { backend, logIn } = await rehearse();
  const wanted = refs('app/key/versions/1').map((ref) => ({ ...ref, version: 2 }));
  await expect(backend.fetchSecrets(await logIn(), wanted)).rejects.toMatchObject({ reason: 'REFERENCE_INVALID' });
});

test('an empty value is one', async () => {
  const { fetch } = await rehearse();
  expect((await fetch(refs('empty'))).map(told)).toEqual(['']);
});

test('missing, disabled, destroyed and forbidden are told apart', async () => {
  const { fetch } = await rehearse({
    options: { disabled: 'plain_one', destroyed: 'app--record' },
    forbidden: new Set(['locked']),
  });
  const outcomes = await fetch(refs('nothing', 'app/key/versions/9', 'plain_one', 'app/record', 'locked', 'app/key'));
  expect(outcomes.map(told)).toEqual([
    expect.stringMatching(/^missing: no secret/),
    expect.stringMatching(/^missing: no secret/),
    expect.stringMatching(/^forbidden: .*FAILED_PRECONDITION.*DISABLED/),
    expect.stringMatching(/^missing: .*FAILED_PRECONDITION.*DESTROYED/),
    expect.stringMatching(/^forbidden: .*PERMISSION_DENIED.*Secret Accessor/),
    'third',
  ]);
});

test('where access is secret by secret, a missing one cannot be told from a forbidden one, and that is said', async () => {
  const { fetch } = await rehearse({ options: { access: 'secret' } });
  expect((await fetch(refs('nothing', 'app/key'))).map(told)).toEqual([
    expect.stringMatching(/^forbidden: .*does not say whether it exists/),
    'third',
  ]);
});

test.each<[string, Record<string, string>, Record<string, string>, RegExp]>([
  ['an API that is off', { api: 'off' }, {}, /switched on/],
  [
    'a quota project that may not be used',
    { 'quota-project': 'billing' },
    { 'quota-project': 'other' },
    /Service Usage/,
  ],
  ['a project that is not there', {}, { project: 'elsewhere' }, /not there/],
])('%s concerns all secrets, and is said once', async (_, options, values, hint) => {
  const { fetch } = await rehearse({ options, values });
  await expect(fetch(refs('plain_one', 'app/key'))).rejects.toMatchObject({
    reason: 'SECRET_DENIED',
    facts: { hint: expect.stringMatching(hint) },
  });
});

test('the quota project goes with every read', async () => {
  const { fetch } = await rehearse({ options: { 'quota-project': 'billing' } });
  expect((await fetch(refs('plain_one'))).map(told)).toEqual(['as it is']);
});

test('a value without its checksum never becomes one', async () => {
  const { fetch } = await rehearse({ options: { checksum: 'wrong' } });
  const failing = fetch(refs('plain_one', 'app/key'));
  await expect(failing).rejects.toMatchObject({
    reason: 'UNEXPECTED_ANSWER',
    message: expect.stringContaining('checksum'),
  });
  const none = await rehearse({ options: { checksum: 'none' } });
  expect((await none.fetch(refs('plain_one'))).map(told)).toEqual(['as it is']);
});

const NAME = 'projects/1/secrets/plain_one/versions/1';

test.each<[string, string]>([
  ['another secret', '{"name":"projects/1/secrets/other/versions/1","payload":{"data":"Y2FuYXJ5"}}'],
  ['another place', '{"name":"projects/1/locations/x/secrets/plain_one/versions/1","payload":{"data":"Y2FuYXJ5"}}'],
  ['no name', '{"payload":{"data":"Y2FuYXJ5"}}'],
  ['no payload', `{"name":"${NAME}"}`],
  ['a payload that is text', `{"name":"${NAME}","payload":"Y2FuYXJ5"}`],
  ['what is no base64', `{"name":"${NAME}","payload":{"data":"canary!"}}`],
  ['data of another kind', `{"name":"${NAME}","payload":{"data":["Y2FuYXJ5"]}}`],
  ['data twice', `{"name":"${NAME}","payload":{"data":"Y2FuYXJ5","data":"eA=="}}`],
  ['a checksum of another kind', `{"name":"${NAME}","payload":{"data":"Y2FuYXJ5","dataCrc32c":null}}`],
])('%s in place of what was asked for never becomes a value, nor a message', async (_, body) => {
  const { fetch } = await rehearse({ faults: [`read:200;body=${body}`] });
  const failing = fetch(refs('plain_one'));
  await expect(failing).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  await expect(failing).rejects.not.toThrow(/canary|Y2FuYXJ5/);
});

test('another version than was asked for by number never becomes a value', async () => {
  const body = '{"name":"projects/1/secrets/plain_one/versions/2","payload":{"data":"Y2FuYXJ5"}}';
  const { fetch } = await rehearse({ faults: [`read:200;body=${body}`] });
  await expect(fetch(refs('plain_one/versions/1'))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  expect((await fetch(refs('plain_one'))).map(told)).toEqual(['canary']);
});

test('the same name in another project than was asked for by number never becomes a value', async () => {
  const body = `{"name":"${NAME}","payload":{"data":"Y2FuYXJ5"}}`;
  const { fetch } = await rehearse({ faults: [`read:200;body=${body}`] });
  const failing = fetch(refs('projects/2/secrets/plain_one'));
  await expect(failing).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  expect((await fetch(refs('projects/1/secrets/plain_one'))).map(told)).toEqual(['canary']);
});

test.each<[string, string, string]>([
  ['404 without a word of the service', '404;body={}', 'BAD_REQUEST'],
  [
    '400 for another reason',
    '400;body={"error":{"code":400,"status":"INVALID_ARGUMENT","message":"x"}}',
    'BAD_REQUEST',
  ],
  ['404 with another status', '404;body={"error":{"code":404,"status":"UNIMPLEMENTED","message":"x"}}', 'BAD_REQUEST'],
  ['404 as a page', 'html;status=404', 'NOT_THE_API'],
  ['403 as a page', 'html;status=403', 'NOT_THE_API'],
  ['429', '429', 'RATE_LIMITED'],
  ['a wait beyond the deadline', '429;retry-after=86400', 'RATE_LIMITED'],
  ['503', '503', 'UNAVAILABLE'],
])('%s is told for what it is', async (_, fault, reason) => {
  const { fetch } = await rehearse({ faults: [`read:${fault}`] });
  await expect(fetch(refs('plain_one'))).rejects.toMatchObject({ reason });
});

test('503 that passes is waited for', async () => {
  const { fetch } = await rehearse({ faults: ['read#1:503'] });
  expect((await fetch(refs('plain_one'))).map(told)).toEqual(['as it is']);
});

test('401 means a stale access token', async () => {
  const { backend, logIn, rehearsal } = await rehearse();
  const accessToken = await logIn();
  rehearsal.disturb('revoke-tokens');
  await expect(backend.fetchSecrets(accessToken, refs('plain_one'))).rejects.toBeInstanceOf(AccessTokenRefused);
});

test('thirty secrets: one exchange and a read each, eight at a time', async () => {
  const secrets = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`many/s${index}`, `value ${index}`]));
  const { fetch, http, rehearsal } = await rehearse({ secrets, latencyMs: 5 });
  const most = mostUnderWay(http);
  expect((await fetch(refs(...Object.keys(secrets)))).map(told)).toEqual(Object.values(secrets));
  expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 30 });
  expect(rehearsal.requests).toHaveLength(31);
  expect(most()).toBe(8);
});

function versionOf(outcome: Outcome): string | undefined {
  return 'version' in outcome ? outcome.version : undefined;
}
