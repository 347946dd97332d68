import { expect, test } from 'vitest';
import { aws } from '../../../../src/backends/aws/index.ts';
import { wantedFrom } from '../../../../src/backends/aws/references.ts';
import { refs, settingValues } from '../../../support/rehearsed-backend.ts';

const VALUES = settingValues(aws, { region: 'eu-central-1' });
const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:app/db-AbCdEf';
const ID = '12345678-1234-4123-8123-1234567890ab';

test.each<[string, object]>([
  ['app/db', { kind: 'secret', id: 'app/db' }],
  ['app/db@2_+=.x', { kind: 'secret', id: 'app/db@2_+=.x' }],
  ['app/db:BLUE', { kind: 'secret', id: 'app/db', stage: 'BLUE', versionId: undefined }],
  [`app/db:${ID}`, { kind: 'secret', id: 'app/db', stage: undefined, versionId: ID }],
  [`app/db:user:BLUE:${ID}#x`, { stage: 'BLUE', versionId: ID, rest: ['user', 'x'] }],
  [ARN, { kind: 'secret', id: ARN }],
  [`${ARN}:user::`, { kind: 'secret', id: ARN, rest: ['user'], stage: undefined }],
  ['ssm:/app/db:3', { kind: 'parameter', id: '/app/db', selector: ':3' }],
  ['ssm:/app/', { kind: 'tree', path: '/app' }],
])('%s', (text, expected) => {
  expect(wantedFrom(refs(text), VALUES)).toMatchObject([expected]);
});

test.each([
  'app db',
  'app:',
  'app:a:b',
  'app:::',
  'app:::short',
  'app:a:b:c:d',
  'ssm:a/b',
  'ssm://a',
  'ssm:/a:b c',
  'ssm:/a:1:2',
  'ssm:app/',
  'ssm:/app/:3',
  'arn:aws:s3:::bucket',
  'arn:aws:secretsmanager:eu-central-1:123456789012:secret:',
  'arn:aws:ssm:eu-central-1:12:parameter/x',
  ARN.replace('eu-central-1', 'us-east-1'),
])('AWS has no %s', (text) => {
  expect(() => wantedFrom(refs(text), VALUES)).toThrow(expect.objectContaining({ reason: 'REFERENCE_INVALID' }));
});

test.each(['app/db', 'ssm:/app/', 'ssm:/app/db:2'])('%s has no ?version=1', (text) => {
  const wanted = refs(text).map((ref) => ({ ...ref, version: 1 }));
  expect(() => wantedFrom(wanted, VALUES)).toThrow(expect.objectContaining({ reason: 'REFERENCE_INVALID' }));
});

test('all that cannot be had are named at once', () => {
  expect(() => wantedFrom(refs('a b', 'fine', 'c d'), VALUES)).toThrow(
    expect.objectContaining({ facts: { details: [expect.stringContaining('S0'), expect.stringContaining('S2')] } }),
  );
});
