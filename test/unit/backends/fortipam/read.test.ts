import { expect, test } from 'vitest';
import { fortipam } from '../../../../src/backends/fortipam/index.ts';
import { AccessTokenRefused, type Outcome } from '../../../../src/backends/types.ts';
import { type BackendSetup, type RehearsedBackend, refs, rehearseBackend } from '../../../support/rehearsed-backend.ts';

const SECRETS = { 'prod/db': '{"user":"shop","port":5432}', 'prod/a b+c%d/ü': 'odd path', 'prod/other': 'x' };

/** What came of each reference: the value, what is left of the field, or the refusal. */
function told(outcomes: readonly Outcome[]): unknown[] {
  return outcomes.map((outcome) => {
    if ('refusal' in outcome) return [outcome.refusal, outcome.reason];
    return outcome.rest.length === 0
      ? outcome.value.reveal().toString()
      : [outcome.value.reveal().toString(), ...outcome.rest];
  });
}

/** Fetches after a login; the requests are those after the login. */
async function fetched(setup: BackendSetup, ...texts: readonly string[]) {
  const rehearsed = await rehearseBackend(fortipam, { secrets: SECRETS, ...setup });
  const outcomes = await rehearsed.backend.fetchSecrets(await rehearsed.logIn(), refs(...texts));
  return { told: told(outcomes), paths: pathsOf(rehearsed), rehearsed };
}

function pathsOf({ rehearsal }: RehearsedBackend): string[] {
  return rehearsal.requests.slice(1).map(({ path }) => path.replace('/api/v2/', ''));
}

test('a path is looked up once and its field read', async () => {
  const { told: values, paths } = await fetched({}, 'prod/other', 'prod/other');
  expect(values).toEqual(['x', 'x']);
  expect(paths).toEqual(['utility/id/prod/other?type=secret', 'cmdb/secret/database/102?fieldname=password']);
});

test('each part of a path is percent-encoded on its own', async () => {
  const { told: values, paths } = await fetched({}, 'prod/a b+c%d/ü');
  expect(values).toEqual(['odd path']);
  expect(paths[0]).toBe('utility/id/prod/a%20b%2Bc%25d/%C3%BC?type=secret');
});

test('digits are an id and are not looked up', async () => {
  const { told: values, paths } = await fetched({}, '102');
  expect([values, paths]).toEqual([['x'], ['cmdb/secret/database/102?fieldname=password']]);
});

test('a path and an id that mean the same secret read it once', async () => {
  const { told: values, paths } = await fetched({}, 'prod/other', '102');
  expect([values, paths.length]).toEqual([['x', 'x'], 2]);
});

test('several fields of one secret come in one read of the whole record', async () => {
  const { told: values, paths } = await fetched({}, 'prod/db#user', 'prod/db#PORT', 'prod/db', 'prod/db#password.user');
  expect(values).toEqual(['shop', '5432', SECRETS['prod/db'], [SECRETS['prod/db'], 'user']]);
  expect(paths.slice(1)).toEqual(['cmdb/secret/database/100']);
});

test.each(['plain', 'base64'])('#* means all fields, in one read with single ones, %s', async (encoding) => {
  const rehearsed = await rehearseBackend(fortipam, { secrets: SECRETS, values: { 'secret-encoding': encoding } });
  const [whole, one] = refs('prod/db', 'prod/db#user');
  if (whole === undefined || one === undefined) throw new Error('no references');
  const outcomes = await rehearsed.backend.fetchSecrets(await rehearsed.logIn(), [{ ...whole, every: true }, one]);
  expect(told(outcomes)).toEqual([
    JSON.stringify({ User: 'shop', Port: '5432', Password: SECRETS['prod/db'] }),
    'shop',
  ]);
  expect(
    pathsOf(rehearsed)
      .slice(1)
      .map((path) => path.split('?', 1)[0]),
  ).toEqual(['cmdb/secret/database/100']);
});

test('#* of a field that is no text is missing', async () => {
  const secrets = { 'prod/binary': Buffer.from([0, 255]) };
  const rehearsed = await rehearseBackend(fortipam, { secrets, values: { 'secret-encoding': 'base64' } });
  const [ref] = refs('prod/binary');
  if (ref === undefined) throw new Error('no reference');
  const outcomes = await rehearsed.backend.fetchSecrets(await rehearsed.logIn(), [{ ...ref, every: true }]);
  expect(told(outcomes)).toEqual([['missing', 'the field "Password" is no text']]);
});

test('several references to one field are still one field', async () => {
  const { paths } = await fetched({}, 'prod/db#password', 'prod/db');
  expect(paths.slice(1)).toEqual(['cmdb/secret/database/100?fieldname=password']);
});

test.each<[string, BackendSetup]>([
  ['named', { options: { shape: 'named' } }],
  ['listed', { options: { shape: 'field-list' } }],
  ['base64', { values: { 'secret-encoding': 'base64' } }],
  ['base64, listed', { values: { 'secret-encoding': 'base64' }, options: { shape: 'field-list' } }],
])('fields are found in answers of the form: %s', async (_, setup) => {
  expect((await fetched(setup, 'prod/db#User')).told).toEqual(['shop']);
  expect((await fetched(setup, 'prod/db#user', 'prod/db#port')).told).toEqual(['shop', '5432']);
});

test('where fieldname heeds letter case, the whole record decides', async () => {
  const { told: values, paths } = await fetched({ options: { fieldname: 'exact' } }, 'prod/other');
  expect(values).toEqual(['x']);
  expect(paths.slice(1)).toEqual(['cmdb/secret/database/102?fieldname=password', 'cmdb/secret/database/102']);
});

test('the default field and the virtual domain are settings', async () => {
  const { told: values, paths } = await fetched({ values: { field: 'User', vdom: 'root' } }, 'prod/db');
  expect([values, paths[1]]).toEqual([['shop'], 'cmdb/secret/database/100?fieldname=User&vdom=root']);
});

test('all that is missing or forbidden is named at once', async () => {
  const forbidden = new Set(['prod/no1', 'prod/no2']);
  const asked = ['prod/nothing', 'prod/no1', 'prod/db#user', 'prod/db#colour', '999', 'prod/no2#user'];
  const { told: values } = await fetched({ forbidden }, ...asked);
  const refused =
    'it may not be read "Insufficient permissions to get secret"; its check-out was refused: 403 "Insufficient permissions"';
  expect(values).toEqual([
    ['missing', 'no secret at this path "Entry not found"'],
    ['forbidden', refused],
    'shop',
    ['missing', 'no field "colour"'],
    ['missing', 'no secret with this id "Entry not found"'],
    ['forbidden', refused],
  ]);
});

test.each<[string, string, string]>([
  ['401', '401', 'refused'],
  ['a login page', 'html', 'refused'],
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
  ['text for results', '200;body={"results":"x"}', 'UNEXPECTED_ANSWER'],
  ['null for a value', '200;body={"results":[{"password":null}]}', 'UNEXPECTED_ANSWER'],
  ['an object for a value', '200;body={"results":[{"password":{"a":"x"}}]}', 'UNEXPECTED_ANSWER'],
  ['a field twice', '200;body={"results":[{"password":"x","password":"y"}]}', 'UNEXPECTED_ANSWER'],
  [
    'a listed field twice',
    '200;body={"results":[{"field":[{"name":"password","value":"x"},{"name":"password","value":"y"}]}]}',
    'UNEXPECTED_ANSWER',
  ],
  ['a listed field without value', '200;body={"results":[{"field":[{"name":"password"}]}]}', 'UNEXPECTED_ANSWER'],
  ['half a character', '200;body={"results":[{"password":"\\ud800"}]}', 'UNEXPECTED_ANSWER'],
  ['a value beside an error', '200;body={"error":"no","results":[{"password":"x"}]}', 'UNEXPECTED_ANSWER'],
  ['a status in words', '200;body={"http_status":"200","results":[{"password":"x"}]}', 'UNEXPECTED_ANSWER'],
])('%s in answer to a read is never a value', async (_, what, expected) => {
  const { backend, logIn } = await rehearseBackend(fortipam, { secrets: SECRETS, faults: [`read:${what}`] });
  const error: unknown = await backend
    .fetchSecrets(await logIn(), refs('prod/other'))
    .catch((error_: unknown) => error_);
  if (expected === 'refused') expect(error).toBeInstanceOf(AccessTokenRefused);
  else expect(error).toMatchObject({ reason: expected });
});

test.each([
  ['a number', '{"password":1.50}', '1.50'],
  ['a number beyond 2^53', '{"password":9007199254740993}', '9007199254740993'],
  ['nothing', '{"password":""}', ''],
])('%s as a value comes as it is written', async (_, record, value) => {
  const faults = [`read:200;body={"results":[${record}]}`];
  expect((await fetched({ faults }, 'prod/other')).told).toEqual([value]);
});

test('the name as written wins over another letter case, and two other ones are not chosen between', async () => {
  const list = '[{"name":"TOKEN","value":"1"},{"name":"Token","value":"2"}]';
  const faults = [`read:200;body={"results":[{"id":1,"field":${list}}]}`];
  expect((await fetched({ faults }, 'prod/other#Token', 'prod/other#id')).told).toEqual(['2', '1']);
  expect((await fetched({ faults }, 'prod/other#token', 'prod/other#ID')).told).toEqual([
    ['missing', 'several fields are called "token" if letter case is overlooked'],
    ['missing', 'no field "ID"'],
  ]);
});

test('a value that is not base64 although base64 was asked for is refused', async () => {
  const setup = {
    secrets: SECRETS,
    values: { 'secret-encoding': 'base64' },
    faults: ['read:200;body={"results":[{"password":"plain!"}]}'],
  };
  const { backend, logIn } = await rehearseBackend(fortipam, setup);
  const fetching = backend.fetchSecrets(await logIn(), refs('prod/other'));
  await expect(fetching).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('at most eight requests are under way at once', async () => {
  const paths = Array.from({ length: 30 }, (_, index) => `many/s${index}`);
  const { backend, http, logIn } = await rehearseBackend(fortipam, {
    secrets: Object.fromEntries(paths.map((path) => [path, path])),
    latencyMs: 5,
  });
  const accessToken = await logIn();
  let underWay = 0;
  let most = 0;
  const send = http.send.bind(http);
  Object.assign(http, {
    async send(...given: Parameters<typeof send>) {
      most = Math.max(most, ++underWay);
      return send(...given).finally(() => underWay--);
    },
  });
  expect(told(await backend.fetchSecrets(accessToken, refs(...paths)))).toEqual(paths);
  expect(most).toBe(8);
});

test.each<[string, Parameters<typeof Object.assign>[1]]>([
  ['a version', { version: 2 }],
  ['an empty part', { path: 'prod//db' }],
  ['a slash in front', { path: '/prod/db' }],
  ['a slash at the end', { path: 'prod/db/' }],
  ['a step up', { path: 'prod/../db' }],
  ['half a character', { path: 'prod/\ud800' }],
  ['an empty field', { field: [''] }],
])('a reference with %s is refused before any request, in the plan too', async (_, change) => {
  const { backend, rehearsal, logIn } = await rehearseBackend(fortipam, { secrets: SECRETS });
  const accessToken = await logIn();
  const bad = refs('prod/other').map((ref) => Object.assign({}, ref, change));
  await expect(async () => backend.fetchSecrets(accessToken, [...refs('prod/db'), ...bad])).rejects.toMatchObject({
    reason: 'REFERENCE_INVALID',
  });
  expect(() => backend.plan(bad)).toThrow(expect.objectContaining({ reason: 'REFERENCE_INVALID' }));
  expect(rehearsal.requests).toHaveLength(1);
});
