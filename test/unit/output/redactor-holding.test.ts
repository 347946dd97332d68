import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import type { RedactedStream } from '../../../src/output/types.ts';
import { cuts, passed, streamRedactor } from '../../support/redacted.ts';

const M = '[REDACTED]';
const KEY = [
  '-----BEGIN TEST KEY-----',
  'MIIEvQIBADANBgkqhkiG',
  '9w0BAQEFAASCBKcwggSj',
  'nicR',
  '-----END TEST KEY-----',
];
const SECRET = '.gho-0123456789-0123456789-0123456789';

function write(stream: RedactedStream, text: string): string {
  return Buffer.concat(stream.write(Buffer.from(text))).toString();
}

function idle(stream: RedactedStream): string {
  return Buffer.concat(stream.idle()).toString();
}

function redacted(values: readonly string[], input: string): string {
  return passed(streamRedactor(values).stream(), [Buffer.from(input)]).toString();
}

describe('what is held back', () => {
  test('a prompt, a line and a whole value come out at once', () => {
    const stream = streamRedactor([SECRET, 'x'.repeat(10_000)]).stream();
    expect(write(stream, 'Continue? [y/N] ')).toBe('Continue? [y/N] ');
    expect(write(stream, `hello ${SECRET}\n`)).toBe(`hello ${M}\n`);
    expect(stream.isWaiting).toBe(false);
  });

  test('fewer than four bytes are released, and the rest is still replaced', () => {
    const stream = streamRedactor([SECRET]).stream();
    expect(write(stream, '.')).toBe('');
    expect(stream.isWaiting).toBe(true);
    expect(idle(stream)).toBe('.');
    expect(stream.isWaiting).toBe(false);
    expect(write(stream, SECRET.slice(1, 3))).toBe('');
    expect(idle(stream)).toBe(SECRET.slice(1, 3));
    expect(write(stream, SECRET.slice(3, 20))).toBe('');
    expect(stream.isWaiting).toBe(false);
    expect(write(stream, `${SECRET.slice(20)}!`)).toBe(`${M}!`);
  });

  test('four and more are not, whatever the time, and come out with what shows that they were none', () => {
    const stream = streamRedactor([SECRET]).stream();
    for (const byte of SECRET.slice(0, 20)) {
      write(stream, byte);
      if (stream.isWaiting) continue;
      expect(idle(stream)).toBe('');
    }
    expect(write(stream, ' other text')).toBe(`${SECRET.slice(0, 20)} other text`);
  });

  test('a value of which a part is a value comes out before it is known which of them it is', () => {
    const stream = streamRedactor([KEY.join('\n')]).stream();
    expect(write(stream, `${KEY[1] ?? ''}\n`)).toBe(`${M}\n`);
    expect(write(stream, `${KEY.slice(0, 2).join('\n')}\n`)).toBe('');
    expect(write(stream, 'x')).toBe(`${KEY[0] ?? ''}\n${M}\nx`);
  });

  test('at the end half of a value is replaced, and less is not', () => {
    expect(redacted([SECRET], `x ${SECRET.slice(0, -1)}`)).toBe(`x ${M}`);
    expect(redacted([SECRET], `x ${SECRET.slice(0, 19)}`)).toBe(`x ${M}`);
    expect(redacted([SECRET], `x ${SECRET.slice(0, 18)}`)).toBe(`x ${SECRET.slice(0, 18)}`);
    expect(redacted([SECRET], `x ${SECRET.slice(0, 3)}`)).toBe(`x ${SECRET.slice(0, 3)}`);
  });

  test('a value that is added while a stream runs is hidden from the next byte on', () => {
    const redactor = streamRedactor([SECRET]);
    const stream = redactor.stream();
    const later = 'added-later-0123456789';
    expect(write(stream, `a ${later} ${SECRET.slice(0, 10)}`)).toBe(`a ${later} `);
    redactor.add([{ name: 'LATER', value: new Sensitive(later) }]);
    expect(write(stream, `${SECRET.slice(10)} ${later} `)).toBe(`${M} ${M} `);
  });

  test('two streams know nothing of each other', () => {
    const redactor = streamRedactor([SECRET]);
    const [one, two] = [redactor.stream(), redactor.stream()];
    expect(write(one, SECRET.slice(0, 20)) + write(two, SECRET.slice(20))).toBe(SECRET.slice(20));
    expect(Buffer.concat(one.end()).toString()).toBe(M);
  });
});

test('a value of many kilobytes, byte by byte', () => {
  const value = randomBytes(3000).toString('base64');
  const [, bytes] = cuts(Buffer.from(`x ${value} y`), () => 1);
  expect(passed(streamRedactor([value]).stream(), bytes ?? []).toString()).toBe(`x ${M} y`);
});

test('a thousand values that begin alike, and a text of nothing but that', () => {
  const values = Array.from({ length: 1000 }, (_, index) => `same-beginning-of-all${1000 + index}`);
  const text = `${'same-beginning-of-all'.repeat(5000)}1777`;
  expect(redacted(values, text)).toBe(`${'same-beginning-of-all'.repeat(4999)}${M}`);
});
