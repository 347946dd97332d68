import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EndpointFault, isLoopback, readEndpoint } from '../../../src/lib/endpoint.ts';
import * as parsers from '../../../src/lib/parsers.ts';
import { type Parser, SettingFault } from '../../../src/lib/settings.ts';

const NUMBER = parsers.wholeNumber(1, 100);
const SIZE = parsers.byteSize(16 * 1024 * 1024);
const WORD = parsers.oneOf(['text', 'json']);
const NAMES = parsers.listOf(parsers.variableName);

describe('what each parser makes of a text', () => {
  test.each<[Parser<unknown>, string, unknown]>([
    [parsers.durationMs, '500ms', 500],
    [parsers.durationMs, '90s', 90_000],
    [parsers.durationMs, '15m', 900_000],
    [parsers.durationMs, '1h', 3_600_000],
    [parsers.durationMs, '24h', 86_400_000],
    [NUMBER, '1', 1],
    [NUMBER, '100', 100],
    [SIZE, '65536', 65_536],
    [SIZE, '64KiB', 65_536],
    [SIZE, '16MiB', 16_777_216],
    [WORD, 'json', 'json'],
    [parsers.onOff, 'true', true],
    [parsers.onOff, '1', true],
    [parsers.onOff, 'No', false],
    [parsers.text, 'a b', 'a b'],
    [parsers.lines, 'a\nb', 'a\nb'],
    [parsers.filePath, '/etc/x', '/etc/x'],
    [parsers.variableName, '_A1', '_A1'],
    [NAMES, 'A, B,C', ['A', 'B', 'C']],
    [parsers.commandWords, 'get-token  --for a,b', ['get-token', '--for', 'a,b']],
    [parsers.commandWords, '["get token","","$(x)"]', ['get token', '', '$(x)']],
  ])('%#: %s', (parser, text, value) => {
    expect(parser.parse(text)).toEqual(value);
  });
});

describe('what each parser refuses', () => {
  test.each<[Parser<unknown>, string]>([
    ...['', ' ', '[]', '[""]', '["a",1]', '["a"', '["a\\n"]', 'a\nb'].map(
      (text) => [parsers.commandWords, text] as [Parser<unknown>, string],
    ),
    ...['', '0s', '90', '1d', '1.5s', '-1s', ' 1s', '25h', '99999999h', '1S', '١s'].map(
      (text): [Parser<unknown>, string] => [parsers.durationMs, text],
    ),
    ...['', '0', '101', '1.0', '1e1', '0x1', '٣', ' 1', '-1', '01'].map((text): [Parser<unknown>, string] => [
      NUMBER,
      text,
    ]),
    ...['', '0', '17MiB', '1GiB', '1 MiB', '1mib', '-1'].map((text): [Parser<unknown>, string] => [SIZE, text]),
    ...['', 'JSON', 'jso', 'constructor'].map((text): [Parser<unknown>, string] => [WORD, text]),
    ...['', 'tru', '2'].map((text): [Parser<unknown>, string] => [parsers.onOff, text]),
    ...['', 'a\nb', 'a\u0000', 'a\u0085'].map((text): [Parser<unknown>, string] => [parsers.text, text]),
    ...['', 'A-B', '1A', '$A', 'A=B', 'Ä'].map((text): [Parser<unknown>, string] => [parsers.variableName, text]),
    ...['', 'A,,B', 'A,'].map((text): [Parser<unknown>, string] => [NAMES, text]),
    [parsers.lines, ''],
    [parsers.filePath, ''],
  ])('%#: %s', (parser, text) => {
    expect(() => parser.parse(text)).toThrow(SettingFault);
  });
});

describe('endpoints', () => {
  test.each([
    ['https://conjur.example.com', 'https://conjur.example.com/'],
    ['https://conjur.example.com:8443/api/', 'https://conjur.example.com:8443/api/'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['http://127.9.9.9', 'http://127.9.9.9/'],
    ['http://[::1]:1', 'http://[::1]:1/'],
    ['http://localhost:1/x', 'http://localhost:1/x'],
    ['https://[2001:db8::1]/a..b', 'https://[2001:db8::1]/a..b'],
  ])('%s is one', (text, href) => {
    expect(readEndpoint(text).href).toBe(href);
  });

  test.each([
    ['http://conjur.example.com', 'PLAIN_HTTP'],
    ['http://localhost.example.com', 'PLAIN_HTTP'],
    ['http://127.0.0.1.example.com', 'PLAIN_HTTP'],
    ['http://128.0.0.1', 'PLAIN_HTTP'],
    ['https://user:pass@conjur.example.com', 'URL_CREDENTIALS'],
    ['https://user@conjur.example.com', 'URL_CREDENTIALS'],
    ['https://@conjur.example.com', 'URL_CREDENTIALS'],
    ['http://user:pass@conjur.example.com?x', 'URL_CREDENTIALS'],
    ['https://user:1234/word@conjur.example.com', 'URL_CREDENTIALS'],
    [String.raw`https://user:1234\word@conjur.example.com`, 'URL_CREDENTIALS'],
    ['https://h.example/a/../b', 'URL_INVALID'],
    ['https://h.example/..', 'URL_INVALID'],
    ['https://h.example/%2e%2E/b', 'URL_INVALID'],
    ['https://h.example/.%2e/b', 'URL_INVALID'],
    ['https://h.example/./b', 'URL_INVALID'],
    [String.raw`https://h.example\b`, 'URL_INVALID'],
    ['https://h.example/a%5cb', 'URL_INVALID'],
    ['https://h.example/#a', 'URL_INVALID'],
    ['https://h.example/?a', 'URL_INVALID'],
    ['https://h.example/?', 'URL_INVALID'],
    ['https://h.example/\u0007', 'URL_INVALID'],
    ['https://h.ex\tample/', 'URL_INVALID'],
    [' https://h.example/', 'URL_INVALID'],
    ['https://h.example/%0a', 'URL_INVALID'],
    ['https://h.example/a%2fb', 'URL_INVALID'],
    ['https://h.example/a%', 'URL_INVALID'],
    ['ftp://h.example/', 'URL_INVALID'],
    ['h.example', 'URL_INVALID'],
    ['https://', 'URL_INVALID'],
    ['file:///etc/passwd', 'URL_INVALID'],
    ['', 'URL_INVALID'],
  ])('%j is refused: %s', (text, reason) => {
    expect(() => readEndpoint(text)).toThrow(expect.objectContaining({ reason }));
  });

  test('the refusal shows neither credentials nor the query, and control characters only escaped', () => {
    for (const text of ['https://us3r:p@s3cret/pa55@h.example', 'https://us3r:1234/pa55@h.example']) {
      expect(refusal(text)).not.toMatch(/us3r|pa55|s3cret|1234/);
    }
    for (const text of ['https://us3r:pa55@h.example/a', 'https://h.example/?s3cret', 'https://h.example/\u001b[31m']) {
      const message = refusal(text);
      expect(message).not.toMatch(/us3r|pa55|s3cret|\u001b/);
      expect(message).toContain('h.example');
    }
  });

  test('an accepted endpoint has the origin and the path that were written', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (text) => {
        const url = tryEndpoint(text);
        if (url === undefined) return;
        expect(url.search + url.hash + url.username + url.password).toBe('');
        expect(url.protocol === 'https:' || isLoopback(url.hostname)).toBe(true);
        expect(url.href.replace(/\/$/, '')).toBe(text.replace(/\/$/, ''));
      }),
      { numRuns: 2000 },
    );
  });
});

function refusal(text: string): string {
  try {
    readEndpoint(text);
  } catch (error) {
    if (error instanceof EndpointFault) return error.message;
  }
  throw new Error('was not refused');
}

function tryEndpoint(text: string): URL | undefined {
  try {
    return readEndpoint(text);
  } catch (error) {
    if (error instanceof EndpointFault) return undefined;
    throw error;
  }
}
