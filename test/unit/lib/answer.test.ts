import { expect, test } from 'vitest';
import { jsonAnswer, refuseHtml, serverCode, unavailable } from '../../../src/lib/answer.ts';
import type { HttpAnswer } from '../../../src/lib/http.ts';
import { textMember } from '../../../src/lib/json.ts';
import { canary } from '../../support/canaries.ts';

function answerOf(body: string | Buffer, type: string | undefined = 'application/json', status = 200): HttpAnswer {
  const headers = type === '' ? {} : { 'content-type': type };
  const request = 'GET https://vault.example.test/x';
  const tries = { count: 1, elapsedMs: 20 };
  return { request, tries, status, headers, body: Buffer.from(body), clockOffsetMs: 0, requestId: 'r1' };
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
  expect(textMember(jsonAnswer(answerOf('{"a":"b"}', type)), 'a')).toBe('b');
});

test.each(['', 'text/plain', 'application/octet-stream', 'application/jsonish', 'application/xjson'])(
  '"%s" is not',
  (type) => {
    expect(() => jsonAnswer(answerOf('{"a":"b"}', type))).toThrow(
      expect.objectContaining({ reason: 'UNEXPECTED_ANSWER', exit: 76 }),
    );
  },
);

test('72 an empty body is an unexpected answer', () => {
  expect(() => jsonAnswer(answerOf(''))).toThrow(expect.objectContaining({ reason: 'UNEXPECTED_ANSWER' }));
});

test.each([
  ['text/html; charset=utf-8', '<p>hello</p>'],
  ['application/json', '<!DOCTYPE html><html></html>'],
  ['application/json', '\n  <html lang="en">'],
  ['', '<!doctype HTML>'],
  ['application/xhtml+xml', ''],
])('71 a page as %s is not the API', (type, body) => {
  const failure = expect.objectContaining({ reason: 'NOT_THE_API', exit: 76 });
  expect(() => jsonAnswer(answerOf(body, type))).toThrow(failure);
  expect(() => refuseHtml(answerOf(body, type))).toThrow(failure);
});

test('71 of a page only its title is shown', () => {
  const secret = canary();
  const page = `<html><head><title>Sign\n in \u001b[31m</title></head><body>${secret}</body></html>`;
  const call = (): void => refuseHtml(answerOf(page, 'text/html'));
  expect(call).toThrow(/titled "Sign in/);
  expect(call).not.toThrow(new RegExp(secret));
  expect(call).not.toThrow(/\u001b/);
});

test('messages name the request as it was sent', () => {
  const sent = 'GET https://vault.example.test/x';
  expect(() => jsonAnswer(answerOf('{'))).toThrow(`the answer to ${sent} is not JSON`);
  expect(() => jsonAnswer(answerOf(''))).toThrow(`the answer to ${sent} is empty`);
  expect(() => refuseHtml(answerOf('', 'text/html'))).toThrow(`${sent} was answered with a web page`);
});

test('a server that only fails: how often it was asked, and that it may be asked again', () => {
  const tries = { count: 4, elapsedMs: 3200 };
  expect(unavailable({ ...answerOf(''), tries }, 'it answered 503')).toMatchObject({
    reason: 'UNAVAILABLE',
    message: 'it answered 503; tried 4 times in 3 s',
    hints: ['this may pass: run the job again'],
    facts: { requestId: 'r1' },
  });
  expect(unavailable(answerOf(''), 'it answered 501').message).toBe('it answered 501');
  expect(unavailable(answerOf(''), 'it answered 472', 'another node').hints).toEqual(['another node']);
});

test.each(['plain value', '<not html', '{"a":1}', ''])('%j is not a page', (body) => {
  expect(() => refuseHtml(answerOf(body, 'text/plain'))).not.toThrow();
});

test('73 malformed JSON: the position, and no part of the body', () => {
  const secret = canary();
  const call = (): unknown => jsonAnswer(answerOf(`{"value":"${secret}"`));
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
