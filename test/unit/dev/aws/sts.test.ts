import { afterEach, expect, test } from 'vitest';
import type { Rehearsal } from '../../../../src/dev/index.ts';
import { call } from '../../../support/call.ts';
import { assumeRole, openAws } from './open-aws.ts';

let rehearsal: Rehearsal;

afterEach(() => rehearsal.close());

const NOW = Math.floor(Date.now() / 1000);

function codeIn(text: string): string | undefined {
  return /<Code>(?<code>\w+)<\/Code>/.exec(text)?.groups?.['code'];
}

test('a good token gets credentials, in XML', async () => {
  rehearsal = await openAws();
  const answer = await assumeRole(rehearsal, { DurationSeconds: '900' });
  expect([answer.status, answer.type]).toEqual([200, 'text/xml']);
  expect(answer.text).toMatch(/<AccessKeyId>ASIA[A-Z2-7]{16}<\/AccessKeyId>/);
  expect(answer.text).toMatch(/<Expiration>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ<\/Expiration>/);
});

test.each<[string, Record<string, unknown>, Record<string, unknown>, number, string]>([
  ['another audience', {}, { audience: 'somebody-else' }, 400, 'InvalidIdentityToken'],
  ['no audience', { aud: null }, {}, 400, 'InvalidIdentityToken'],
  ['another issuer', { iss: 'https://gitlab.example.com' }, {}, 400, 'InvalidIdentityToken'],
  ['another subject', { sub: 'project_path:acme/shop' }, {}, 403, 'AccessDenied'],
  ['a subject in other letters', { sub: 'PROJECT_PATH:acme/shop:ref_type:branch:ref:main' }, {}, 403, 'AccessDenied'],
  ['no subject', { sub: null }, {}, 403, 'AccessDenied'],
  ['the end of its life', { exp: NOW - 1 }, {}, 400, 'ExpiredTokenException'],
  ['no end', { exp: null }, {}, 400, 'InvalidIdentityToken'],
  ['no beginning', { iat: null }, {}, 400, 'InvalidIdentityToken'],
  ['an issue in the future', { iat: NOW + 600 }, {}, 400, 'InvalidIdentityToken'],
  ['no signature', {}, { algorithm: 'none' }, 400, 'InvalidIdentityToken'],
  ['an HMAC', {}, { algorithm: 'HS256' }, 400, 'InvalidIdentityToken'],
  ['an algorithm that is not taken', {}, { algorithm: 'EdDSA' }, 400, 'InvalidIdentityToken'],
])('a token with %s', async (...[, claims, options, status, code]) => {
  rehearsal = await openAws();
  const answer = await assumeRole(rehearsal, { WebIdentityToken: await rehearsal.token(claims, options) });
  expect([answer.status, codeIn(answer.text)]).toEqual([status, code]);
});

test.each<[string, Record<string, string | null>, string]>([
  ['another action', { Action: 'AssumeRole' }, 'InvalidAction'],
  ['no version', { Version: null }, 'InvalidAction'],
  ['another role', { RoleArn: 'arn:aws:iam::123456789012:role/other' }, 'AccessDenied'],
  ['a role that is none', { RoleArn: 'ci' }, 'ValidationError'],
  ['no session name', { RoleSessionName: null }, 'ValidationError'],
  ['a session name with a space', { RoleSessionName: 'a b' }, 'ValidationError'],
  ['no token', { WebIdentityToken: null }, 'ValidationError'],
  ['a short life', { DurationSeconds: '899' }, 'ValidationError'],
  ['a life longer than the role allows', { DurationSeconds: '3601' }, 'ValidationError'],
  ['a life in words', { DurationSeconds: 'long' }, 'ValidationError'],
])('a request with %s', async (_, fields, code) => {
  rehearsal = await openAws();
  expect(codeIn((await assumeRole(rehearsal, fields)).text)).toBe(code);
});

test('a signature, another content type or another method is not taken', async () => {
  rehearsal = await openAws();
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const signed = await assumeRole(rehearsal, {}, { ...form, authorization: 'AWS4-HMAC-SHA256 x' });
  expect(codeIn(signed.text)).toBe('InvalidClientTokenId');
  expect(codeIn((await assumeRole(rehearsal, {}, { 'content-type': 'application/json' })).text)).toBe('MalformedInput');
  expect(codeIn((await call(rehearsal, 'GET', '/sts/', { headers: form })).text)).toBe('MalformedInput');
});
