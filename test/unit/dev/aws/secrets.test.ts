import { afterEach, expect, test } from 'vitest';
import type { Rehearsal } from '../../../../src/dev/index.ts';
import { sessionIn } from './vector.ts';
import { signerOf } from '../../../../src/dev/aws/signature.ts';
import { call } from '../../../support/call.ts';
import { ask, type Asking, codeOf, credentials, openAws } from './open-aws.ts';

let rehearsal: Rehearsal | undefined;

afterEach(async () => {
  await rehearsal?.close();
  rehearsal = undefined;
});

const MINUTE = 60_000;

test.each<[string, Asking, string]>([
  ['another secret key', { key: { secret: 'x'.repeat(40) } }, 'InvalidSignatureException'],
  ['another session token', { key: { sessionToken: 'x' } }, 'UnrecognizedClientException'],
  ['another key id', { key: { id: 'ASIAAAAAAAAAAAAAAAAA' } }, 'UnrecognizedClientException'],
  ['another region', { region: 'us-east-1' }, 'InvalidSignatureException'],
  ['another service', { service: 'ssm' }, 'InvalidSignatureException'],
  ['a time that is past', { atMs: Date.now() - 6 * MINUTE }, 'InvalidSignatureException'],
  ['a time to come', { atMs: Date.now() + 6 * MINUTE }, 'InvalidSignatureException'],
  ['a date that was changed', { headers: { 'x-amz-date': '20200101T000000Z' } }, 'IncompleteSignatureException'],
  [
    'a target that was changed',
    { headers: { 'x-amz-target': 'secretsmanager.BatchGetSecretValue' } },
    'InvalidSignatureException',
  ],
  ['a header that is not signed', { headers: { 'x-amz-more': 'x' } }, 'InvalidSignatureException'],
  ['another scheme', { headers: { authorization: 'Bearer x' } }, 'IncompleteSignatureException'],
  ['another content type', { contentType: 'application/json' }, 'SerializationException'],
  ['no JSON', { input: '{' }, 'SerializationException'],
  ['another operation', { target: 'secretsmanager.ListSecrets' }, 'UnknownOperationException'],
  ['the address of another service', { path: '/ssm/' }, 'UnknownOperationException'],
])('a request with %s gets 400', async (_, asking, code) => {
  rehearsal = await openAws();
  expect(codeOf(await ask(rehearsal, await credentials(rehearsal), asking))).toBe(`400 ${code}`);
});

test('without a signature nothing is read', async () => {
  rehearsal = await openAws();
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' };
  const answer = await call(rehearsal, 'POST', '/', { headers, body: '{"SecretId":"app/key"}' });
  expect(codeOf(answer)).toBe('400 MissingAuthenticationTokenException');
});

test("the vendor's own example of a signature with a session token fits, and a changed one does not", () => {
  const { request, scope, sessions } = sessionIn();
  expect(signerOf(request, scope, sessions)).toHaveProperty('accessKeyId', 'AKIDEXAMPLE');
  const changed = { ...request, body: Buffer.from('x') };
  expect(signerOf(changed, scope, sessions)).toHaveProperty('code', 'InvalidSignatureException');
});

const BATCH = 'secretsmanager.BatchGetSecretValue';

test.each<[string, Asking, object]>([
  ['the newest', {}, { Name: 'app/key', SecretString: 'second', VersionStages: ['AWSCURRENT'] }],
  ['the one before', { input: { SecretId: 'app/key', VersionStage: 'AWSPREVIOUS' } }, { SecretString: 'first' }],
  ['bytes', { input: { SecretId: 'binary' } }, { SecretBinary: 'AP8=' }],
  ['a name twenty-one times', { target: BATCH, input: { SecretIdList: ids(21) } }, { __type: 'ValidationException' }],
  ['a name twice', { target: BATCH, input: { SecretIdList: ['a', 'a'] } }, { __type: 'ValidationException' }],
  ['no list', { target: BATCH, input: {} }, { __type: 'InvalidParameterException' }],
  [
    'a version in a batch',
    { target: BATCH, input: { SecretIdList: ['app/key', 'private', 'none'] } },
    {
      SecretValues: [{ SecretString: 'second' }],
      Errors: [{ ErrorCode: 'AccessDeniedException' }, { SecretId: 'none', ErrorCode: 'ResourceNotFoundException' }],
    },
  ],
  ['another stage', { input: { SecretId: 'app/key', VersionStage: 'BLUE' } }, { __type: 'ResourceNotFoundException' }],
  ['nothing', { input: { SecretId: 'none' } }, { __type: 'ResourceNotFoundException' }],
  ['what is forbidden', { input: { SecretId: 'private' } }, { __type: 'AccessDeniedException' }],
  ['no name', { input: {} }, { __type: 'ValidationException' }],
])('secrets: %s', async (_, asking, expected) => {
  rehearsal = await openAws();
  expect(JSON.parse((await ask(rehearsal, await credentials(rehearsal), asking)).text)).toMatchObject(expected);
});

const BY_PATH = 'AmazonSSM.GetParametersByPath';

test.each<[string, string, object, object]>([
  ['one', 'GetParameter', { Name: '/app/key', WithDecryption: true }, { Parameter: { Value: 'second', Version: 2 } }],
  [
    'a version',
    'GetParameter',
    { Name: '/app/key:1', WithDecryption: true },
    { Parameter: { Value: 'first', Selector: ':1' } },
  ],
  [
    'one without decryption',
    'GetParameter',
    { Name: '/app/key' },
    { Parameter: { Value: expect.stringMatching(/^AQICAH/) } },
  ],
  ['no such version', 'GetParameter', { Name: '/app/key:9' }, { __type: 'ParameterVersionNotFound' }],
  ['no such name', 'GetParameter', { Name: '/none' }, { __type: 'ParameterNotFound' }],
  ['bytes', 'GetParameter', { Name: '/binary' }, { __type: 'ParameterNotFound' }],
  [
    'some',
    'GetParameters',
    { Names: ['/none', '/app/key'] },
    { InvalidParameters: ['/none'], Parameters: [{ Name: '/app/key' }] },
  ],
  ['eleven', 'GetParameters', { Names: ids(11) }, { __type: 'ValidationException' }],
  [
    'a forbidden one among others',
    'GetParameters',
    { Names: ['/app/key', '/private'] },
    { __type: 'AccessDeniedException' },
  ],
  ['a page of eleven', 'GetParametersByPath', { Path: '/app', MaxResults: 11 }, { __type: 'ValidationException' }],
  ['a path without a slash', 'GetParametersByPath', { Path: 'app' }, { __type: 'ValidationException' }],
  ['only what lies directly below', 'GetParametersByPath', { Path: '/' }, { __type: 'AccessDeniedException' }],
])('parameters: %s', async (...[, operation, input, expected]) => {
  rehearsal = await openAws();
  const answer = await ask(rehearsal, await credentials(rehearsal), { target: `AmazonSSM.${operation}`, input });
  expect(JSON.parse(answer.text)).toMatchObject(expected);
});

test('parameters below a path, in pages', async () => {
  rehearsal = await openAws({ page: '1' });
  const key = await credentials(rehearsal);
  const input = { Path: '/app', Recursive: true, WithDecryption: true };
  const first = JSON.parse((await ask(rehearsal, key, { target: BY_PATH, input })).text) as { NextToken?: string };
  expect(first).toMatchObject({ Parameters: [{ Name: '/app/key' }], NextToken: expect.any(String) });
  const more = { ...input, NextToken: first.NextToken };
  const second = JSON.parse((await ask(rehearsal, key, { target: BY_PATH, input: more })).text) as object;
  expect(second).toMatchObject({ Parameters: [{ Name: '/app/db', Value: '{"user":"shop"}' }] });
  expect(second).not.toHaveProperty('NextToken');
});

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `s${index}`);
}
