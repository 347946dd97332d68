import { expect, test } from 'vitest';
import { refs } from '../../../support/rehearsed-backend.ts';
import { operations, rehearse, told } from './rehearsed.ts';

const STS = 'AssumeRoleWithWebIdentity';
const MANY = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`many/s${index}`, `value ${index}`]));

test('parameters are read ten at a time, decrypted, in the order asked', async () => {
  const rehearsed = await rehearse({ secrets: MANY });
  const texts = Object.keys(MANY).map((path) => `ssm:/${path}`);
  expect((await rehearsed.fetch(refs(...texts))).map(told)).toEqual(Object.values(MANY));
  expect(operations(rehearsed)).toEqual([STS, 'GetParameters', 'GetParameters', 'GetParameters']);
});

test.each([
  ['ssm:/app/key', 'third'],
  ['ssm:/app/key:2', 'second'],
  ['ssm:plain', 'plain value'],
  ['ssm:/app/db#user', '{"user":"shop","port":5432,"1":"one"} > user'],
  ['arn:aws:ssm:eu-central-1:123456789012:parameter/app/key', 'third'],
  ['arn:aws:ssm:eu-central-1:123456789012:parameter/app/key:1', 'first'],
  ['ssm:/app/key:9', 'missing: AWS knows no such parameter, or no such version'],
  ['ssm:/nothing', 'missing: AWS knows no such parameter, or no such version'],
])('%s is %s', async (text, expected) => {
  const { fetch } = await rehearse();
  expect((await fetch(refs(text, 'ssm:/app/web/key'))).map(told)).toEqual([expected, 'web']);
});

test('?version=N is a version of a parameter', async () => {
  const { fetch } = await rehearse();
  const [ref] = refs('ssm:/app/key');
  if (ref === undefined) throw new Error('no reference');
  const [outcome] = await fetch([{ ...ref, version: 1 }]);
  expect(outcome).toMatchObject({ version: '1' });
  expect(told(outcome)).toBe('first');
});

test('versions of one parameter go into requests of their own', async () => {
  const rehearsed = await rehearse();
  const outcomes = await rehearsed.fetch(refs('ssm:/app/key:1', 'ssm:/app/key', 'ssm:/app/key:2', 'ssm:/app/key:1'));
  expect(outcomes.map(told)).toEqual(['first', 'third', 'second', 'first']);
  expect(operations(rehearsed)).toHaveLength(4);
});

test.each<['both' | 'one-by-one' | 'together', readonly string[]]>([
  ['both', ['web', 'forbidden', 'third', 'missing']],
  ['one-by-one', ['web', 'forbidden', 'third', 'missing']],
  ['together', ['web', 'forbidden', 'third', 'missing']],
])('one that is forbidden does not keep the others back: rights %s', async (parameters, expected) => {
  const { fetch } = await rehearse({ options: { parameters }, forbidden: new Set(['private']) });
  const outcomes = await fetch(refs('ssm:/app/web/key', 'ssm:/private', 'ssm:/app/key', 'ssm:/nothing'));
  expect(outcomes.map((one) => told(one).split(':')[0])).toEqual(expected);
});

test('who has neither right reads nothing', async () => {
  const { fetch } = await rehearse({ options: { parameters: 'none' } });
  expect((await fetch(refs('ssm:/app/key'))).map(told)).toEqual([expect.stringMatching(/^forbidden: AccessDenied/)]);
});

test('what lies below a path is one JSON object', async () => {
  const { fetch } = await rehearse();
  const [whole, part] = await fetch(refs('ssm:/app/', 'ssm:/app/#web/key'));
  expect(JSON.parse(told(whole))).toEqual({
    db: '{"user":"shop","port":5432,"1":"one"}',
    key: 'third',
    'web/key': 'web',
  });
  expect(part).toMatchObject({ rest: ['web/key'] });
});

test.each<[string, Record<string, string>, number]>([
  ['pages of ten', {}, 3],
  ['pages of four', { page: '4' }, 7],
  ['empty pages between the others', { 'empty-pages': 'on' }, 6],
])('%s are read to the end', async (_, options, requests) => {
  const rehearsed = await rehearse({ secrets: MANY, options });
  const [outcome] = await rehearsed.fetch(refs('ssm:/many/'));
  const values = Object.fromEntries(Object.entries(MANY).map(([path, value]) => [path.slice('many/'.length), value]));
  expect(JSON.parse(told(outcome))).toEqual(values);
  expect(operations(rehearsed)).toHaveLength(1 + requests);
});

test('below a path there may be nothing, or what is forbidden', async () => {
  const { fetch } = await rehearse({ forbidden: new Set(['closed/one']) });
  expect((await fetch(refs('ssm:/nothing/', 'ssm:/closed/', 'ssm:/app/web/'))).map(told)).toEqual([
    'missing: there are no parameters below this path',
    expect.stringMatching(/^forbidden: AccessDeniedException/),
    '{"key":"web"}',
  ]);
});

test.each<[string, string, string]>([
  ['a name that was not asked for', 'ssm:/app/key', '{"Parameters":[{"Name":"/x","Value":"v"}]}'],
  ['no word on a name', 'ssm:/app/key', '{"Parameters":[],"InvalidParameters":["/other"]}'],
  ['no value', 'ssm:/app/key', '{"Parameters":[{"Name":"/app/key"}]}'],
  ['a name above the path', 'ssm:/app/', '{"Parameters":[{"Name":"/apple/x","Value":"v"}]}'],
  ['no list', 'ssm:/app/', '{"Parameter":{}}'],
  ['pages without end', 'ssm:/app/', '{"Parameters":[],"NextToken":"again"}'],
])('%s in an answer never becomes a value', async (_, text, body) => {
  const { fetch } = await rehearse({ faults: [`read:200;body=${body}`] });
  await expect(fetch(refs(text))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('secrets and parameters together, each at its own address', async () => {
  const { fetch, taken } = await rehearse({ values: { service: 'ssm' } });
  const outcomes = await fetch(refs('/app/key', 'secretsmanager:app/key:AWSPREVIOUS', 'plain'));
  expect(outcomes.map(told)).toEqual(['third', 'second', 'plain value']);
  expect(taken().toSorted()).toEqual(['POST /', 'POST /ssm/', 'POST /sts/']);
});

test.each<[string, string]>([
  ['ssm:/app/key:2', '{"Name":"/app/key","Version":3,"Value":"x"}'],
  ['ssm:/app/key:2', '{"Name":"/app/key","Value":"x"}'],
  ['ssm:/app/key', '{"Name":"/app/key","Version":3,"Value":"x\\ud800"}'],
])('%s is not %s', async (text, parameter) => {
  const { fetch } = await rehearse({ faults: [`read:200;body={"Parameters":[${parameter}]}`] });
  await expect(fetch(refs(text))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});

test('half a character below a path is no value', async () => {
  const body = '{"Parameters":[{"Name":"/app/key","Value":"x\\ud800"}]}';
  const { fetch } = await rehearse({ faults: [`read:200;body=${body}`] });
  await expect(fetch(refs('ssm:/app/'))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
});
