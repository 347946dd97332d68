import { describe, expect, test } from 'vitest';
import { authorization, readAccessToken } from '../../../../src/backends/conjur/access-token.ts';
import type { HttpAnswer } from '../../../../src/lib/http.ts';

const NOW = 1_800_000_000_000;
const IAT = NOW / 1000 - 5000;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

const tokenText = (claims: unknown): string => {
  return JSON.stringify({
    protected: part({ alg: 'conjur.org/slosilo/v2' }),
    payload: part(claims),
    signature: 'c2ln',
  });
};

const answerOf = (body: string | Buffer, more: Partial<HttpAnswer> = {}): HttpAnswer => ({
  request: 'POST https://conjur.example.test/login',
  tries: { count: 1, elapsedMs: 20 },
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: Buffer.from(body),
  clockOffsetMs: undefined,
  requestId: undefined,
  ...more,
});

const read = (answer: HttpAnswer) => readAccessToken(answer, NOW);

describe('lifetime', () => {
  test.each([
    ['the duration counts, whatever the clocks say', { iat: IAT, exp: IAT + 480 }, 480],
    ['five hours', { iat: IAT, exp: IAT + 18_000 }, 18_000],
    ['no exp: five minutes', { iat: IAT }, 300],
    ['no iat: unknown', { exp: IAT + 480 }, undefined],
    ['neither: unknown', { sub: 'host/x' }, undefined],
    ['unknown claims are ignored', { iat: IAT, exp: IAT + 60, tid: 'x', cidr: [] }, 60],
  ])('%s', (_, claims, seconds) => {
    const token = read(answerOf(tokenText(claims)));
    expect(token.lifetimeSeconds).toBe(seconds);
    expect(token.expiresAtMs).toBe(seconds === undefined ? undefined : NOW + seconds * 1000);
  });

  test.each([
    ['no life at all', { iat: IAT, exp: IAT }, undefined],
    ['less than none', { iat: IAT, exp: IAT - 1 }, undefined],
    ['over by the server clock', { iat: IAT, exp: IAT + 480 }, 0],
    ['over by a server clock that is ahead', { iat: NOW / 1000, exp: NOW / 1000 + 480 }, 480_000],
  ])('%s: dead on arrival', (_, claims, clockOffsetMs) => {
    expect(() => read(answerOf(tokenText(claims), { clockOffsetMs }))).toThrow(
      expect.objectContaining({ reason: 'TOKEN_DEAD_ON_ARRIVAL' }),
    );
  });

  test('alive by a server clock that is behind', () => {
    const claims = { iat: IAT, exp: IAT + 480 };
    expect(read(answerOf(tokenText(claims), { clockOffsetMs: -5_000_000 })).lifetimeSeconds).toBe(480);
  });
});

describe('form', () => {
  const text = ` ${tokenText({ iat: IAT, exp: IAT + 480 })}\n`;

  test('the exact bytes are kept and presented', () => {
    const token = read(answerOf(text));
    expect(token.value.reveal().toString()).toBe(text);
    expect(authorization(token).reveal().toString()).toBe(`Token token="${Buffer.from(text).toString('base64')}"`);
  });

  test('base64 by its first byte, with and without line breaks', () => {
    const base64 = Buffer.from(text).toString('base64');
    for (const body of [base64, `${base64.replace(/.{60}/g, '$&\n')}\n`]) {
      const headers = { 'content-type': 'text/plain; charset=utf-8' };
      expect(read(answerOf(body, { headers })).value.reveal().toString()).toBe(text);
    }
  });

  test('URL-safe and unpadded parts are read as well', () => {
    const payload = Buffer.from(JSON.stringify({ iat: IAT, exp: IAT + 480, sub: 'host/???>>>' })).toString('base64url');
    const token = read(answerOf(JSON.stringify({ protected: 'e30', payload, signature: 'c2ln' })));
    expect(token.lifetimeSeconds).toBe(480);
  });

  test.each([
    ['empty', '', 'UNEXPECTED_ANSWER'],
    ['null', 'null', 'UNEXPECTED_ANSWER'],
    ['list', '[]', 'UNEXPECTED_ANSWER'],
    ['no payload', '{"protected":"e30","signature":"e30"}', 'UNEXPECTED_ANSWER'],
    ['number for a signature', '{"protected":"e30","payload":"e30","signature":1}', 'UNEXPECTED_ANSWER'],
    ['empty signature', '{"protected":"e30","payload":"e30","signature":""}', 'UNEXPECTED_ANSWER'],
    ['line feed in a part', '{"protected":"e30\\n","payload":"e30","signature":"e30"}', 'UNEXPECTED_ANSWER'],
    ['repeated payload', '{"protected":"e30","payload":"e30","payload":"e30","signature":"e30"}', 'UNEXPECTED_ANSWER'],
    ['payload that is no JSON', '{"protected":"e30","payload":"AAAA","signature":"e30"}', 'UNEXPECTED_ANSWER'],
    ['cut off', '{"protected":"e3', 'BAD_JSON'],
    ['page', '<!DOCTYPE html><html></html>', 'NOT_THE_API'],
  ])('%s: %s is refused', (_, body, reason) => {
    expect(() => read(answerOf(body))).toThrow(expect.objectContaining({ reason }));
  });
});
