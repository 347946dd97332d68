import { describe, expect, test } from 'vitest';
import { secretsOf, secretsOfFlags } from '../../../src/dev/secrets.ts';
import { SecretctlError } from '../../../src/lib/errors.ts';

describe('a file of secrets', () => {
  test('holds texts, bytes and versions', () => {
    const secrets = secretsOf(
      { text: 'a\n', bytes: { base64: 'AP8=' }, several: { versions: ['old', { base64: 'bmV3\n' }] }, empty: '' },
      'x.yaml',
    );
    expect([...secrets]).toEqual([
      ['text', [Buffer.from('a\n')]],
      ['bytes', [Buffer.from([0, 255])]],
      ['several', [Buffer.from('old'), Buffer.from('new')]],
      ['empty', [Buffer.alloc(0)]],
    ]);
  });

  test.each([
    [5],
    [true],
    [null],
    [['a']],
    [{ base64: 'not base64!' }],
    [{ base64: 'AP8' }],
    [{ text: 'a' }],
    [{ versions: [] }],
    [{ versions: ['a', 5] }],
    [{ versions: ['a'], base64: '' }],
  ])('%j is no value', (value) => {
    expect(() => secretsOf({ path: value }, 'x.yaml')).toThrow(SecretctlError);
  });

  test('names every fault and repeats no value', () => {
    try {
      secretsOf({ one: 4711, good: 'hush', two: ['hush'] }, 'x.yaml');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        reason: 'CONFIG_INVALID',
        facts: { details: [expect.stringContaining('"one"'), expect.stringContaining('"two"')] },
      });
      expect(JSON.stringify(error)).not.toMatch(/4711|hush/);
    }
  });

  test.each([['text'], [[]], [null]])('%j is no mapping', (data) => {
    expect(() => secretsOf(data, 'x.yaml')).toThrow(/mapping/);
  });
});

describe('--secret', () => {
  test('splits at the first equals sign; a path given again is a further version', () => {
    expect([...secretsOfFlags(['a/b=c=d', 'e=', 'a/b=2'])]).toEqual([
      ['a/b', [Buffer.from('c=d'), Buffer.from('2')]],
      ['e', [Buffer.alloc(0)]],
    ]);
  });

  test.each(['novalue', '=x', ''])('%j is refused without being repeated', (flag) => {
    expect(() => secretsOfFlags([flag])).toThrow('--secret must be PATH=VALUE');
  });
});
