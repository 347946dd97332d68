import { describe, expect, test } from 'vitest';
import { told as toldFailure, withoutSecrets } from '../../../../src/backends/aws/failures.ts';
import { openKey } from '../../../../src/backends/aws/access-key.ts';
import { canary, findLeaks } from '../../../support/canaries.ts';
import { type BackendSetup, refs } from '../../../support/rehearsed-backend.ts';
import { failing, operations, rehearse, told } from './rehearsed.ts';

const STS = 'AssumeRoleWithWebIdentity';
const BATCH = 'BatchGetSecretValue';
const GET = 'GetSecretValue';

const MANY = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`many/s${index}`, `value ${index}`]));

test('30 secrets: one exchange and two batches', async () => {
  const rehearsed = await rehearse({ secrets: MANY });
  expect((await rehearsed.fetch(refs(...Object.keys(MANY)))).map(told)).toEqual(Object.values(MANY));
  expect(operations(rehearsed)).toEqual([STS, BATCH, BATCH]);
  expect(rehearsed.rehearsal.report()).toMatchObject({ exchanges: 1, reads: 2 });
});

test.each<[string, BackendSetup, readonly string[]]>([
  ['one is read alone', {}, ['plain']],
  ['one alone, however often and with whichever fields', {}, ['app/db#user', 'app/db#port', 'app/db']],
])('%s', async (_, setup, texts) => {
  const rehearsed = await rehearse(setup);
  expect(await rehearsed.fetch(refs(...texts))).toHaveLength(texts.length);
  expect(operations(rehearsed)).toEqual([STS, GET]);
});

test.each<[string, Record<string, string>]>([
  ['pages of three', { page: '3' }],
  ['empty pages between the others', { page: '7', 'empty-pages': 'on' }],
])('%s are read to the end', async (_, options) => {
  const rehearsed = await rehearse({ secrets: MANY, options });
  const asked = [...Object.keys(MANY).slice(0, 20), 'nothing/there'];
  const outcomes = (await rehearsed.fetch(refs(...asked))).map(told);
  expect(outcomes.slice(0, 20)).toEqual(Object.values(MANY).slice(0, 20));
  expect(outcomes[20]).toMatch(/^missing: ResourceNotFoundException/);
});

test('pages without end are no answer', async () => {
  const body = JSON.stringify({ SecretValues: [], NextToken: 'again' });
  const { fetch } = await rehearse({ faults: [`read:200;body=${body}`] });
  await expect(fetch(refs('plain', 'app/db'))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('who may not read in batches reads one by one', async () => {
  const rehearsed = await rehearse({ options: { batch: 'denied' }, forbidden: new Set(['private']) });
  const outcomes = (await rehearsed.fetch(refs('plain', 'private', 'nothing', 'app/web/key'))).map(told);
  expect(outcomes.map((one) => one.split(':')[0])).toEqual(['plain value', 'forbidden', 'missing', 'web']);
  expect(operations(rehearsed)).toEqual([STS, BATCH, GET, GET, GET, GET]);
});

test.each<[string, string]>([
  ['a batch that is too big', 'bigbody;bytes=3000000'],
  ['a batch that is not taken', failing('ValidationException')],
  ['a batch that says nothing of them', '200;body={"SecretValues":[]}'],
  [
    'one that could not be read this time',
    '200;body={"Errors":[{"SecretId":"plain","ErrorCode":"InternalServiceError"}]}',
  ],
])('%s is read one by one', async (_, fault) => {
  const rehearsed = await rehearse({ faults: [`read#1:${fault}`] });
  expect((await rehearsed.fetch(refs('plain', 'app/web/key'))).map(told)).toEqual(['plain value', 'web']);
  expect(operations(rehearsed)).toEqual([STS, BATCH, GET, GET]);
});

describe('versions', () => {
  test.each([
    ['app/key', 'third'],
    ['app/key:AWSCURRENT', 'third'],
    ['app/key:AWSPREVIOUS', 'second'],
    ['app/key::AWSPREVIOUS:', 'second'],
    ['app/db:user::', '{"user":"shop","port":5432,"1":"one"} > user'],
    ['secretsmanager:app/web/key', 'web'],
  ])('%s', async (text, expected) => {
    const { fetch } = await rehearse();
    expect((await fetch(refs(text))).map(told)).toEqual([expected]);
    expect((await fetch(refs('plain', text, 'app/web/key'))).map(told)[1]).toBe(expected);
  });

  test('by id, as an answer told it', async () => {
    const { fetch } = await rehearse();
    const [before] = await fetch(refs('app/key:AWSPREVIOUS'));
    const id = before !== undefined && 'value' in before ? before.version : '';
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect((await fetch(refs(`app/key:${id}`, `app/key:::${id}`))).map(told)).toEqual(['second', 'second']);
  });

  test('one that does not exist is missing', async () => {
    const { fetch } = await rehearse();
    expect((await fetch(refs('app/key:BLUE'))).map(told)).toEqual([
      expect.stringMatching(/^missing: ResourceNotFound/),
    ]);
  });
});

test.each<[string, string, string]>([
  ['a page', 'html', 'NOT_THE_API'],
  ['broken JSON', 'badjson', 'BAD_JSON'],
  ['neither values nor errors', '200;body={}', 'UNEXPECTED_ANSWER'],
  ['two lists of values', '200;body={"SecretValues":[],"SecretValues":[]}', 'UNEXPECTED_ANSWER'],
  ['a value that is no object', '200;body={"SecretValues":["x"]}', 'UNEXPECTED_ANSWER'],
])('a batch that is %s is told, and not read one by one', async (_, fault, reason) => {
  const rehearsed = await rehearse({ faults: [`read:${fault}`] });
  await expect(rehearsed.fetch(refs('plain', 'app/db'))).rejects.toMatchObject({ reason });
  expect(operations(rehearsed)).toEqual([STS, BATCH]);
});

test('with batch: off each is read alone', async () => {
  const rehearsed = await rehearse({ values: { batch: 'off' } });
  expect((await rehearsed.fetch(refs('plain', 'app/web/key'))).map(told)).toEqual(['plain value', 'web']);
  expect(operations(rehearsed)).toEqual([STS, GET, GET]);
});

test('names, ARNs and ARNs without their end are one secret', async () => {
  const { fetch } = await rehearse({ secrets: { 'app/db': 'value', 'app/db-2': 'other' } });
  const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:app/db';
  const [first, second, third] = (await fetch(refs('app/db', arn, `${arn}:AWSCURRENT`))).map(told);
  expect([first, second, third]).toEqual(['value', 'value', 'value']);
});

test.each([{}, { 'long-codes': 'on' }])('codes are read with %o', async (options) => {
  const forbidden = new Set(['private']);
  const { fetch } = await rehearse({ forbidden, options: { deleted: 'plain', ...options } });
  for (const more of [[], ['app/db']]) {
    const kinds = [];
    for (const text of ['private', 'plain', 'nothing']) kinds.push(told((await fetch(refs(text, ...more)))[0]));
    expect(kinds).toEqual([
      expect.stringMatching(/^forbidden: AccessDeniedException "User: arn:aws:sts:.*GetSecretValue/),
      expect.stringMatching(/^missing: InvalidRequestException ".*marked for deletion/),
      expect.stringMatching(/^missing: ResourceNotFoundException/),
    ]);
  }
});

test.each<[string, string, string, number]>([
  ['throttling', failing('ThrottlingException'), 'RATE_LIMITED', 5],
  ['429', '429', 'RATE_LIMITED', 5],
  ['503', '503', 'UNAVAILABLE', 5],
  ['a request that is not understood', failing('ValidationException'), 'BAD_REQUEST', 2],
  ['an invalid request that is not about deletion', failing('InvalidRequestException', 'no'), 'BAD_REQUEST', 2],
  ['an operation that is not known', failing('UnknownOperationException'), 'BAD_REQUEST', 2],
  ['an error in a 200', '200;body={"__type":"InternalServiceError"}', 'UNEXPECTED_ANSWER', 2],
  ['no value', '200;body={"Name":"plain"}', 'UNEXPECTED_ANSWER', 2],
  [
    'both kinds of values',
    '200;body={"Name":"plain","SecretString":"x","SecretBinary":"eA=="}',
    'UNEXPECTED_ANSWER',
    2,
  ],
  ['a value that is not base64', '200;body={"Name":"plain","SecretBinary":"!"}', 'UNEXPECTED_ANSWER', 2],
  ['a value twice', '200;body={"Name":"plain","SecretString":"x","SecretString":"y"}', 'UNEXPECTED_ANSWER', 2],
  ['another secret', '200;body={"Name":"plan","SecretString":"x"}', 'UNEXPECTED_ANSWER', 2],
  ['nobody says which', '200;body={"SecretString":"x"}', 'UNEXPECTED_ANSWER', 2],
  ['two names', '200;body={"Name":"other","Name":"plain","SecretString":"x"}', 'UNEXPECTED_ANSWER', 2],
  ['half a character', '200;body={"Name":"plain","SecretString":"x\\ud800"}', 'UNEXPECTED_ANSWER', 2],
  ['a page', 'html', 'NOT_THE_API', 2],
])('%s is %s', async (_, fault, reason, requests) => {
  const { fetch, rehearsal } = await rehearse({ faults: [`read:${fault}`] });
  await expect(fetch(refs('plain'))).rejects.toMatchObject({ reason });
  expect(rehearsal.requests).toHaveLength(requests);
});

test('a value in JSON that calls itself a page is one: emulators do so', async () => {
  const { fetch } = await rehearse({ faults: ['read:200;type=text/html;body={"Name":"plain","SecretString":"x"}'] });
  expect((await fetch(refs('plain'))).map(told)).toEqual(['x']);
});

test.each([
  ['plain:OTHER', '"VersionId":"11111111-1111-1111-1111-111111111111","VersionStages":["AWSCURRENT"]'],
  ['plain:22222222-2222-2222-2222-222222222222', '"VersionId":"11111111-1111-1111-1111-111111111111"'],
])('%s is not %s', async (text, version) => {
  const { fetch } = await rehearse({ faults: [`read:200;body={"Name":"plain",${version},"SecretString":"x"}`] });
  await expect(fetch(refs(text))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('after throttling in a 400 the next answer counts', async () => {
  const { fetch } = await rehearse({ faults: [`read#1:${failing('ThrottlingException')}`] });
  expect((await fetch(refs('plain'))).map(told)).toEqual(['plain value']);
});

test('no part of the credentials and no value is in an error or on stderr', async () => {
  const value = canary();
  const forbidden = new Set(['private']);
  const rehearsed = await rehearse({ secrets: { app: value, other: 'x' }, forbidden, faults: ['read#5:500'] });
  const { backend, logIn, lines } = rehearsed;
  const accessToken = await logIn();
  const key = openKey(accessToken.value);
  const said: string[] = [];
  for (const texts of [['app'], ['app', 'other', 'private'], ['ssm:/app', 'ssm:/private'], ['ssm:app/']]) {
    const outcomes = await backend.fetchSecrets(accessToken, refs(...texts)).catch((error_: unknown) => [error_]);
    said.push(JSON.stringify(outcomes), ...outcomes.map(String));
  }
  const secrets = [value, key?.secret ?? '', key?.sessionToken ?? ''];
  expect(secrets.every((one) => one.length > 20)).toBe(true);
  expect(findLeaks('stderr', [...lines, ...said].join('\n'), secrets)).toEqual([]);
});

test('a server that quotes the credentials in its refusal is not quoted', async () => {
  const rehearsed = await rehearse();
  const accessToken = await rehearsed.logIn();
  const key = openKey(accessToken.value);
  for (const secret of [key?.secret ?? '', key?.sessionToken ?? '']) {
    expect(secret.length).toBeGreaterThan(20);
    const failure = { code: 'AccessDeniedException', message: `not with ${secret.slice(5, 15)}` };
    expect(toldFailure(withoutSecrets(failure, [key?.secret ?? '', key?.sessionToken ?? '']))).toBe(
      'AccessDeniedException',
    );
  }
  expect(toldFailure(withoutSecrets({ code: 'AccessDeniedException', message: 'not you' }, ['secret']))).toContain(
    'not you',
  );
  expect(toldFailure({ code: `${key?.sessionToken}`, message: '' })).toBe('with an odd code');
});
