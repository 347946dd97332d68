import { expect, test } from 'vitest';
import { jsonAnswer, refuseHtml, serverCode } from '../../../src/lib/answer.ts';
import type { HttpAnswer } from '../../../src/lib/http.ts';
import { textMember } from '../../../src/lib/json.ts';
import { canary } from '../../support/canaries.ts';

function answerOf(body: string | Buffer, type: string | undefined = 'application/json', status = 200): HttpAnswer {
  const headers = type === '' ? {} : { 'content-type': type };
  return { status, headers, body: Buffer.from(body), clockOffsetMs: 0, requestId: 'r1' };
}

test.each([
  'application/json',
  'application/json; charset=utf-8',
  'Application/JSON',
  'application/problem+json',
  'application/x.secretsmgr.v2beta+json',
  'application/vnd.api+json',
  'text/json',
])('%s is JSON', (type) => {
  expect(textMember(jsonAnswer(answerOf('{"a":"b"}', type), 'GET /x'), 'a')).toBe('b');
});

test.each(['', 'text/plain', 'application/octet-stream', 'application/jsonish', 'application/xjson'])(
  '"%s" is not',
  (type) => {
    expect(() => jsonAnswer(answerOf('{"a":"b"}', type), 'GET /x')).toThrow(
      expect.objectContaining({ reason: 'UNEXPECTED_ANSWER', exit: 76 }),
    );
  },
);

test('72 an empty body is an unexpected answer', () => {
  expect(() => jsonAnswer(answerOf(''), 'GET /x')).toThrow(expect.objectContaining({ reason: 'UNEXPECTED_ANSWER' }));
});

test.each([
  ['text/html; charset=utf-8', '<p>hello</p>'],
  ['application/json', '<!DOCTYPE html><html></html>'],
  ['application/json', '\n  <html lang="en">'],
  ['', '<!doctype HTML>'],
  ['application/xhtml+xml', ''],
])('71 a page as %s is not the API', (type, body) => {
  const failure = expect.objectContaining({ reason: 'NOT_THE_API', exit: 76 });
  expect(() => jsonAnswer(answerOf(body, type), 'GET /x')).toThrow(failure);
  expect(() => refuseHtml(answerOf(body, type), 'GET /x')).toThrow(failure);
});

test('71 of a page only its title is shown', () => {
  const secret = canary();
  const page = `<html><head><title>Sign\n in \u001b[31m</title></head><body>${secret}</body></html>`;
  const call = (): void => refuseHtml(answerOf(page, 'text/html'), 'GET /x');
  expect(call).toThrow(/titled "Sign in/);
  expect(call).not.toThrow(new RegExp(secret));
  expect(call).not.toThrow(/\u001b/);
});

test.each(['plain value', '<not html', '{"a":1}', ''])('%j is not a page', (body) => {
  expect(() => refuseHtml(answerOf(body, 'text/plain'), 'GET /x')).not.toThrow();
});

test('73 malformed JSON: the position, and no part of the body', () => {
  const secret = canary();
  const call = (): unknown => jsonAnswer(answerOf(`{"value":"${secret}"`), 'GET /x');
  expect(call).toThrow(expect.objectContaining({ reason: 'BAD_JSON', exit: 76, facts: { requestId: 'r1' } }));
  expect(call).toThrow(/position \d+/);
  expect(call).not.toThrow(new RegExp(secret.slice(0, 8)));
});

test.each([
  ['{"error":{"code":"not_found","message":"no such thing"}}', 'not_found: no such thing'],
  ['{"error":"invalid_grant","error_description":"x"}', 'invalid_grant'],
  ['{"errors":["permission denied"]}', 'permission denied'],
  ['{"errors":[{"code":17,"message":"no"}]}', '17: no'],
  ['{"code":"E1"}', 'E1'],
  ['{"message":"no"}', 'no'],
  ['{"status":"error"}', undefined],
  ['[]', undefined],
  ['{"error":null}', undefined],
  ['not json', undefined],
  ['', undefined],
])('the server says %s', (body, code) => {
  expect(serverCode(answerOf(body, 'application/json', 400))).toBe(code);
});

test('78 what the server says is short and harmless', () => {
  const said = serverCode(answerOf(JSON.stringify({ error: `\u001b[2J::set-env name=A::${'x'.repeat(500)}` }))) ?? '';
  expect(said).not.toMatch(/\u001b|::/);
  expect(said.length).toBeLessThan(250);
});

test('a plain body says nothing', () => {
  expect(serverCode(answerOf('{"error":"x"}', 'text/plain', 400))).toBeUndefined();
});
