import { describe, expect, test } from 'vitest';
import { faultHelp, faultPicker, parseFault } from '../../../../src/dev/frame/faults.ts';
import { SecretctlError } from '../../../../src/lib/errors.ts';

const always = Number.POSITIVE_INFINITY;

describe('parseFault', () => {
  test.each([
    ['exchange:503', { where: 'exchange', from: 1, count: always, kind: 'status', status: 503 }],
    ['exchange:503*2', { where: 'exchange', from: 1, count: 2, kind: 'status', status: 503 }],
    ['read#3:cut', { where: 'read', from: 3, count: 1, kind: 'cut', status: 200 }],
    ['read#3:cut*4', { where: 'read', from: 3, count: 4, kind: 'cut', status: 200 }],
    ['any:redirect;status=308', { where: 'any', from: 1, count: always, kind: 'redirect', status: 308 }],
    ['read:html;status=502', { where: 'read', from: 1, count: always, kind: 'html', status: 502 }],
  ])('%s', (spec, expected) => {
    expect(parseFault(spec)).toMatchObject(expected);
  });

  test('keys keep their text, an equals sign in it too', () => {
    expect([...parseFault('exchange:429;retry-after=2;error=a=b c').keys]).toEqual([
      ['retry-after', '2'],
      ['error', 'a=b c'],
    ]);
  });

  test.each([
    ['', /WHERE:WHAT/],
    ['exchange', /WHERE:WHAT/],
    ['exchange:503*0', /WHERE:WHAT/],
    ['read#0:cut', /WHERE:WHAT/],
    ['login:503', /WHERE is exchange, read or any/],
    ['read:199', /no fault/],
    ['read:600', /no fault/],
    ['read:status', /no fault/],
    ['read:constructor', /no fault/],
    ['read:cut;status=500', /not a key/],
    ['read:reset;ms=5', /it takes none/],
    ['read:drip;ms', /key=value/],
    ['read:drip;ms=fast', /whole number/],
    ['read:html;status=100', /from 200 to 599/],
  ])('%j is refused with what is wrong', (spec, expected) => {
    expect(usageError(spec).message).toMatch(expected);
  });

  test('a mistyped fault brings the nearest one', () => {
    expect(usageError('read:rset').hints).toEqual(['did you mean reset?']);
  });

  test('every fault of the help can be parsed', () => {
    const names = faultHelp().map(([name]) => (name === '200…599' ? '503' : name));
    expect(names.map((name) => parseFault(`any:${name}`).kind)).toHaveLength(13);
  });
});

describe('faultPicker', () => {
  test.each([
    ['exchange:503', 'erere', 'x.x.x'.replaceAll('.', '-')],
    ['exchange:503*2', 'eree', 'x-x-'],
    ['read#2:503', 'rrrr', '-x--'],
    ['read#2:503*2', 'rerrr', '--xx-'],
    ['any#2:503*2', 'rero', '-xx-'],
    ['any:503', 'ero', 'xxx'],
    ['read:503', 'oo', '--'],
  ])('%s strikes %s at %s', (spec, requests, struck) => {
    const picker = faultPicker([parseFault(spec)]);
    const kinds = { e: 'exchange', r: 'read', o: undefined } as const;
    const hits = requests.split('').map((letter) => picker.pick(kinds[letter as keyof typeof kinds]));
    expect(hits.map((hit) => (hit === undefined ? '-' : 'x')).join('')).toBe(struck);
  });

  test('the first of several that strikes wins, and the next one follows it', () => {
    const picker = faultPicker([parseFault('read:503*1'), parseFault('read:reset')]);
    expect([picker.pick('read')?.kind, picker.pick('read')?.kind]).toEqual(['status', 'reset']);
  });
});

function usageError(spec: string): SecretctlError {
  try {
    parseFault(spec);
  } catch (error) {
    if (error instanceof SecretctlError && error.reason === 'USAGE') return error;
    throw error;
  }
  throw new Error('it was accepted');
}
