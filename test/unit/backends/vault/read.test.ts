import { expect, test } from 'vitest';
import { AccessTokenRefused } from '../../../../src/backends/types.ts';
import { refs } from '../../../support/rehearsed-backend.ts';
import { mostUnderWay } from '../../../support/under-way.ts';
import { kept, rehearse, told } from './rehearsed.ts';

const LOGIN = 'POST /v1/auth/jwt/login';
const MOUNT = 'GET /v1/sys/internal/ui/mounts/secret';

test('several fields of one path are one read, of several paths one each', async () => {
  const { fetch, taken } = await rehearse();
  const outcomes = await fetch(refs('app/db#user', 'app/db#port', 'app/db', 'app/key'));
  expect(outcomes.map(told).slice(0, 2)).toEqual(['shop', '5432']);
  expect(taken()).toEqual([LOGIN, MOUNT, 'GET /v1/secret/data/app/db', 'GET /v1/secret/data/app/key']);
});

test('30 secrets: one login, one read each, eight at a time', async () => {
  const secrets = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`many/s${index}`, `value ${index}`]));
  const { fetch, rehearsal, http } = await rehearse({ secrets, values: { engine: 'kv-v2' } });
  const most = mostUnderWay(http);
  expect((await fetch(refs(...Object.keys(secrets)))).map(told)).toEqual(Object.values(secrets));
  expect(rehearsal.requests).toHaveLength(31);
  expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 30 });
  expect(most()).toBe(8);
});

test('#* means all fields of a secret, in one read with single ones; #field.* what is in a field', async () => {
  const { backend, logIn, taken } = await rehearse();
  const [whole, inside, one] = refs('app/db', 'app/db#tls', 'app/db#user');
  if (whole === undefined || inside === undefined || one === undefined) throw new Error('no references');
  const wanted = [{ ...whole, every: true as const }, { ...inside, every: true as const }, one];
  const outcomes = await backend.fetchSecrets(await logIn(), wanted);
  expect(outcomes.map(told)).toEqual([
    told((await backend.fetchSecrets(await logIn(), refs('app/db')))[0]),
    '{"ca":"x"}',
    'shop',
  ]);
  expect(taken().slice(0, 3)).toEqual([LOGIN, MOUNT, 'GET /v1/secret/data/app/db']);
});

test("#* beside the field of a GitLab reference means that field's members", async () => {
  const { backend, logIn } = await rehearse({ options: { mount: 'ops' }, values: { references: 'gitlab' } });
  const [ref] = refs('app/db/tls@ops');
  if (ref === undefined) throw new Error('no reference');
  const outcomes = await backend.fetchSecrets(await logIn(), [{ ...ref, every: true }]);
  expect(outcomes.map(told)).toEqual(['{"ca":"x"}']);
});

test('a field is not taken for all of them where that is set', async () => {
  const { backend, logIn } = await rehearse({ secrets: { a: '{"value":"x","note":"y"}' }, values: { field: 'note' } });
  const [ref] = refs('a');
  if (ref === undefined) throw new Error('no reference');
  const outcomes = await backend.fetchSecrets(await logIn(), [{ ...ref, every: true }]);
  expect(outcomes.map(told)).toEqual(['{"value":"x","note":"y"}']);
});

test.each([
  ['#user', 'shop'],
  ['#port', '5432'],
  ['#big', '12345678901234567890.10'],
  ['#on', 'true'],
  ['#tls', '{"ca":"x"}'],
  ['#tls.ca', '{"ca":"x"} > ca'],
  ['#none', 'missing: the field is null'],
  ['#nothing', 'missing: it has no field "nothing"'],
  ['', '{"user":"shop","port":5432,"big":12345678901234567890.10,"on":true,"none":null,"tls":{"ca":"x"}}'],
])('app/db%s is %s', async (field, expected) => {
  for (const engine of ['kv-v1', 'kv-v2']) {
    const { fetch } = await rehearse({ options: { engine } });
    expect((await fetch(refs(`app/db${field}`))).map(told)).toEqual([expected]);
  }
});

test('without #field: the field that is set, else "value", else all', async () => {
  const { fetch } = await rehearse({ values: { field: 'user' } });
  expect((await fetch(refs('app/db', 'app/key'))).map(told)).toEqual(['shop', 'missing: it has no field "user"']);
  const usual = await rehearse({ secrets: { a: '{"value":"x","note":"y"}', b: '{"note":"y"}' } });
  expect((await usual.fetch(refs('a', 'b'))).map(told)).toEqual(['x', '{"note":"y"}']);
});

test('a field with a dot, a key-value version 1 secret with a field "data"', async () => {
  const secrets = { app: '{"a.b":"dotted","data":{"data":"not version 2"}}' };
  const { backend, logIn } = await rehearse({ secrets, options: { engine: 'kv-v1' } });
  const wanted = [['a.b'], ['data']].map((field, index) => {
    return { name: `S${index}`, backend: 'main', path: 'app', field, text: 'app' };
  });
  const outcomes = await backend.fetchSecrets(await logIn(), wanted);
  expect(outcomes.map(told)).toEqual(['dotted', '{"data":"not version 2"}']);
});

test('segments of a path are encoded each', async () => {
  const path = 'my app/a b%20+é?x/c';
  const { fetch, taken } = await rehearse({ secrets: { [path]: 'found' } });
  expect((await fetch(refs(path))).map(told)).toEqual(['found']);
  expect(taken().at(-1)).toBe('GET /v1/secret/data/my%20app/a%20b%2520%2B%C3%A9%3Fx/c');
});

test('versions are chosen, and told', async () => {
  const { fetch, taken } = await rehearse();
  const wanted = [...refs('app/key'), ...refs('app/key').map((ref) => ({ ...ref, name: 'OLD', version: 1 }))];
  const outcomes = await fetch(wanted);
  expect(outcomes).toMatchObject([{ version: '3' }, { version: '1' }]);
  expect(outcomes.map(told)).toEqual(['third', 'first']);
  expect(taken().at(-1)).toBe('GET /v1/secret/data/app/key?version=1');
});

test('a version of what has none is a mistake and no missing secret: nothing is read', async () => {
  const { fetch, taken } = await rehearse({ options: { engine: 'kv-v1' } });
  const wanted = [...refs('app/db'), ...refs('app/key').map((ref) => ({ ...ref, name: 'OLD', version: 1 }))];
  await expect(fetch(wanted)).rejects.toMatchObject({
    reason: 'REFERENCE_INVALID',
    facts: { details: [expect.stringMatching(/^OLD: app\/key: only .* has versions$/)] },
  });
  expect(taken()).toEqual([LOGIN, MOUNT]);
});

test('a value with half a character is none, and no missing one', async () => {
  const faults = ['read:200;body={"data":{"data":{"value":"x\\ud800"},"metadata":{"version":1}}}'];
  const { fetch } = await rehearse({ faults });
  await expect(fetch(refs('app/key'))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('deleted, destroyed, no such version and no such secret are told apart', async () => {
  const { fetch } = await rehearse({
    secrets: { a: 'x', b: 'y', c: 'z' },
    options: { deleted: 'a', destroyed: 'b' },
  });
  const [first, second, third, fourth] = await fetch(
    refs('a', 'b', 'c', 'd').map((ref) => (ref.path === 'c' ? { ...ref, version: 9 } : ref)),
  );
  expect(told(first)).toBe('missing: its version was deleted at 2026-02-03T04:05:06.000000007Z');
  expect(told(second)).toBe('missing: its version was destroyed');
  expect(told(third)).toMatch(/^missing: no secret at this path/);
  expect(told(fourth)).toMatch(/^missing: no secret at this path/);
});

test('what is forbidden is named with the path of the API that a policy has to cover', async () => {
  const { fetch } = await rehearse({ forbidden: new Set(['app/private']) });
  const [, outcome] = await fetch(refs('app/key', 'app/private'));
  expect(told(outcome)).toBe('forbidden: may not be read: 403 "permission denied" to GET /v1/secret/data/app/private');
});

test('bytes that are no text are kept as base64, and decoded where that is said', async () => {
  const bytes = Buffer.from([0, 255, 10]);
  const { fetch } = await rehearse({ secrets: { key: bytes } });
  const [outcome] = await fetch(refs('key'));
  expect(outcome).toMatchObject({ value: { byteLength: 3 } });
  const plain = await rehearse({ secrets: { key: 'no base64!' }, values: { 'binary-fields': 'value' } });
  await expect(plain.fetch(refs('key'))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test.each<[string, string, string]>([
  ['a secret without metadata', '200;body={"data":{"data":{"value":"x"}}}', 'UNEXPECTED_ANSWER'],
  [
    'two versions',
    '200;body={"data":{"data":{"value":"x"},"metadata":{"version":1},"metadata":{"version":2}}}',
    'UNEXPECTED_ANSWER',
  ],
  ['a secret whose version is not said', '200;body={"data":{"data":{"value":"x"},"metadata":{}}}', 'UNEXPECTED_ANSWER'],
  ['a secret of version 1', '200;body={"data":{"value":"x"}}', 'UNEXPECTED_ANSWER'],
  ['data twice', '200;body={"data":{},"data":{"data":{},"metadata":{"version":1}}}', 'UNEXPECTED_ANSWER'],
  [
    'a field twice',
    '200;body={"data":{"data":{"value":"x","value":"y"},"metadata":{"version":1}}}',
    'UNEXPECTED_ANSWER',
  ],
  ['404 of something else', '404;body={"message":"no route"}', 'UNEXPECTED_ANSWER'],
  ['404 as a page', 'html;status=404', 'NOT_THE_API'],
  ['403 as a page', 'html;status=403', 'NOT_THE_API'],
  ['204', '204', 'UNEXPECTED_ANSWER'],
  ['400', '400', 'BAD_REQUEST'],
  ['405', '405', 'BAD_REQUEST'],
  ['412 for good', '412', 'UNAVAILABLE'],
  ['472', '472', 'UNAVAILABLE'],
  ['473', '473', 'UNAVAILABLE'],
  ['501', '501', 'UNAVAILABLE'],
  ['503 for good', '503;body={"errors":["Vault is sealed"]}', 'UNAVAILABLE'],
  ['429 for good', '429', 'RATE_LIMITED'],
])('%s becomes no value', async (_, fault, reason) => {
  const { fetch } = await rehearse({ faults: [`read:${fault}`] });
  await expect(fetch(refs('app/key'))).rejects.toMatchObject({ reason });
});

test.each(['null', '[]', '"x"'])('data that is %s is no secret of version 1', async (data) => {
  const { fetch } = await rehearse({ options: { engine: 'kv-v1' }, faults: [`read:200;body={"data":${data}}`] });
  await expect(fetch(refs('app/key'))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test.each([['412*2'], ['429*1'], ['503*2']])('%s is overcome', async (fault) => {
  const { fetch } = await rehearse({ faults: [`read:${fault}`] });
  expect((await fetch(refs('app/key'))).map(told)).toEqual(['third']);
});

test('what the login wrote is asked for by its index: a node that is behind is told from one that is not', async () => {
  const { fetch, taken } = await rehearse({ options: { consistency: 'eventual' } });
  expect((await fetch(refs('app/key'))).map(told)).toEqual(['third']);
  expect(taken()).toHaveLength(3);
});

test.each(['exchange', 'read'])('a standby that redirects (%s) is not followed, and explained', async (where) => {
  const { fetch, rehearsal } = await rehearse({ faults: [`${where}:redirect`] });
  const refused = await fetch(refs('app/key')).catch((error: unknown) => error);
  expect(refused).toMatchObject({ reason: 'REDIRECT_REFUSED', exit: 76 });
  expect(JSON.stringify(refused)).toContain('the active node');
  expect(rehearsal.requests.length).toBeLessThanOrEqual(3);
});

test('warnings of the server are shown', async () => {
  const body = '{"data":{"data":{"value":"x"},"metadata":{"version":1}},"warnings":["this mount retires"]}';
  const { fetch, lines } = await rehearse({ faults: [`read:200;body=${body}`] });
  expect((await fetch(refs('app/key'))).map(told)).toEqual(['x']);
  expect(lines.filter((line) => line.includes('this mount retires'))).toHaveLength(1);
});

test('a stale token that was kept is told from a forbidden path even where the server has the same words for both', async () => {
  const { backend, logIn, rehearsal } = await rehearse({ options: { stale: 'unnamed' } });
  const accessToken = kept(await logIn());
  rehearsal.disturb('revoke-tokens');
  await expect(backend.fetchSecrets(accessToken, refs('app/key'))).rejects.toBeInstanceOf(AccessTokenRefused);
});

test('a kept token that reads one path is good, whatever else is forbidden', async () => {
  const { backend, logIn } = await rehearse({ forbidden: new Set(['app/private']) });
  const outcomes = await backend.fetchSecrets(kept(await logIn()), refs('app/private', 'app/key'));
  expect(outcomes.map((outcome) => told(outcome).split(':', 1)[0])).toEqual(['forbidden', 'third']);
});

test.each([
  ['app//key', 'empty parts'],
  ['/app/key', 'empty parts'],
  ['app/key.', 'period'],
])('%s is no path', async (path, what) => {
  const { backend } = await rehearse();
  expect(() => backend.plan(refs(path))).toThrow(
    expect.objectContaining({ reason: 'REFERENCE_INVALID', facts: { details: [expect.stringContaining(what)] } }),
  );
});

test("GitLab's spelling: path/field@mount", async () => {
  const { fetch, taken, backend } = await rehearse({
    secrets: { 'prod/db': '{"password":"p","tls":{"ca":"x"}}' },
    values: { references: 'gitlab', mount: 'elsewhere' },
  });
  const outcomes = await fetch(refs('prod/db/password@secret', 'prod/db/tls@secret#ca'));
  expect(outcomes.map(told)).toEqual(['p', '{"ca":"x"} > ca']);
  expect(taken().slice(1)).toEqual([MOUNT, 'GET /v1/secret/data/prod/db']);
  expect(
    backend
      .plan(refs('prod/db/password'))
      .map(({ path }) => path)
      .at(-1),
  ).toBe('/v1/elsewhere/{data}/prod/db');
  expect(() => backend.plan(refs('password'))).toThrow(expect.objectContaining({ reason: 'REFERENCE_INVALID' }));
});

test.each<[string, Record<string, string>, Record<string, string>]>([
  ['of the wrong engine', { engine: 'kv-v2' }, { engine: 'kv-v1' }],
  ['of an engine that is only assumed', { engine: 'kv-v1', mounts: 'denied' }, {}],
])('a 404 at the path %s does not say that the secret is missing: no default may take its place', async (...args) => {
  const [, options, values] = args;
  const { fetch } = await rehearse({ options, values });
  expect(await fetch(refs('app/key'))).toMatchObject([
    { refusal: 'forbidden', reason: expect.stringContaining('engine') },
  ]);
});

test('nor does one that gives a reason', async () => {
  const faults = ['read:404;body={"errors":["no handler for route"]}'];
  const { fetch } = await rehearse({ faults });
  expect((await fetch(refs('app/key'))).map(told)).toEqual([
    'forbidden: cannot be read: 404 "no handler for route" to GET /v1/secret/data/app/key',
  ]);
});

test('what a control group has to approve is told as such, and not opened', async () => {
  const { fetch, taken } = await rehearse({ options: { 'control-group': 'app/key' } });
  const outcomes = await fetch(refs('app/key', 'app/db#user'));
  expect(outcomes.map(told)).toEqual([expect.stringMatching(/^forbidden: .*control group/), 'shop']);
  expect(taken().filter((line) => line.includes('wrapping'))).toEqual([]);
});

test('401, which only something in front of the server answers, means the access token', async () => {
  const { fetch } = await rehearse({ faults: ['read:401'] });
  await expect(fetch(refs('app/key'))).rejects.toBeInstanceOf(AccessTokenRefused);
});
