import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { truncateSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { readTextFile } from '../../../src/config/discover.ts';
import { inDirectory, load, runtimeIn, textOf } from '../../support/configured.ts';
import { effort } from '../../support/effort.ts';

const START = `backends:
  conjur:
    type: conjur
    url: https://conjur.example.com
    account: a
    service-id: s
`;

/** What is said of a file that begins as above, without the name of the file. */
async function faultsOf(text: string, more: Parameters<typeof load>[0] = {}): Promise<string> {
  const { error } = await load({ files: { 'secretctl.yaml': text }, command: 'login', ...more });
  return textOf(error);
}

describe('each fault is said with its place', () => {
  test.each([
    ['unknown key', `${START}tiemout: 5s\n`, /:7:1: unknown key "tiemout"; did you mean "timeout"\?/],
    [
      'unknown key, underscore',
      `${START}    service_id: x\n`,
      /:7:5: unknown key "service_id" in backends\.conjur; did you mean "service-id"\?/,
    ],
    ['unknown key near nothing', `${START}zzzzzzzz: 1\n`, /:7:1: unknown key "zzzzzzzz"; keys: backends, /],
    ['wrong type', `${START}timeout: 5\n`, /:7:10: timeout must be a duration such as/],
    ['duplicate key', `${START}    account: b\n`, /:7:5: the key "account" stands here a second time/],
    ['tab', 'backends:\n\tconjur: x\n', /:2:1: a tab indents this line/],
    ['indent', `${START}   account: b\n`, /:7:\d+: /],
    ['unclosed quote', `${START}format: "json\n`, /:\d+:\d+: something is missing here/],
    ['second document', `${START}---\na: b\n`, /:7:1: a second document begins here/],
    ['alias without anchor', `${START}format: *none\n`, /:7:9: this alias has no anchor/],
    ['unknown tag', `${START}format: !mine json\n`, /:7:9: this tag is not known/],
    ['a list as a key', `${START}? [a]\n: b\n`, /:7:\d+: a key must be text/],
    ['text instead of a file', 'nonsense\n', /:1:1: the configuration must be a block/],
    ['empty value', `${START}format:\n`, /:7:8: format is empty/],
    [
      'credentials in a URL',
      START.replace('https://', 'https://u:p4ss@'),
      /:4:10: backends\.conjur\.url must be a URL without user name and password \(here: "https:\/\/conjur\.example\.com\/"\)/,
    ],
    [
      'missing address',
      START.replace(/ {4}url.*\n/, ''),
      /:3:5: the backend conjur has no "url"; it can also be given by --url or CONJUR_APPLIANCE_URL/,
    ],
    ['missing value of the product', START.replace(/ {4}account.*\n/, ''), /:3:5: the backend conjur: /],
    [
      'unknown default',
      `default-backend: cnjur\n${START}`,
      /:1:18: default-backend names no backend; did you mean "conjur"\?/,
    ],
    [
      'a backend of a secret',
      `${START}secrets: { A: { path: x, backend: conjr } }\n`,
      /:7:\d+: no backend "conjr" is configured/,
    ],
    ['a reference', `${START}secrets: { A: a/../b }\n`, /:7:15: the path of "a\/..\/b"/],
    ['a field', `${START}secrets: { A: { path: x, field: a..b } }\n`, /:7:\d+: secrets\.A\.field is wrong: /],
    ['the key of a control character', `${START}"a\\eb": 1\n`, /:7:1: unknown key "a\\u\{1b\}b"/],
  ])('%s', async (_, text, expected) => {
    expect(await faultsOf(text)).toMatch(expected);
  });

  test('all at once, from top to bottom, the command line first', async () => {
    const text = `${START}    acount: x\nsecrets: { A-B: x, C: "" }\nwhat: ever\ntimeout: 5\n`;
    const { error } = await load({
      files: { 'secretctl.yaml': text },
      flags: { timeout: 'x' },
      env: { SECRETCTL_QUIET: 'maybe' },
    });
    expect(error?.reason).toBe('CONFIG_INVALID');
    expect(error?.facts.details?.map((line) => /^[\w.-]+(?::\d+:\d+)?/.exec(line)?.[0])).toEqual([
      '--timeout',
      'SECRETCTL_QUIET',
      'secretctl.yaml:7:5',
      'secretctl.yaml:8:12',
      'secretctl.yaml:8:23',
      'secretctl.yaml:9:1',
      'secretctl.yaml:10:10',
    ]);
  });
});

describe('what follows from another fault is no fault of its own', () => {
  const URL = 'url: "https://c.example"';
  test.each([
    [
      'mistyped keys beside a missing type, and nothing that needs it',
      `backends: { c: { typ: conjur, ${URL}, acount: a, service-id: s } }\ndefault-backend: c\nsecrets: { A: "c:x", B: y }\n`,
      [
        /c has no "type"/,
        /"typ" in backends\.c; did you mean "type"/,
        /"acount" in backends\.c; did you mean "account"/,
      ],
    ],
    [
      'the keys of a product whose name is mistyped',
      `backends: { c: { type: conjr, ${URL}, account: a, zzzzzzzz: 1 } }\nsecrets: { A: x }\n`,
      [/c\.type must be one of/, /unknown key "zzzzzzzz" in backends\.c; keys: type, url/],
    ],
    ['"secret:" for "secrets:"', `${START}secret: { A: x }\n`, [/"secret"; did you mean "secrets"/]],
    ['a list of secrets', `${START}secrets: [a, b]\n`, [/secrets must be a block of keys and values/]],
    ['no secrets at all', `${START}secrets:\n`, [/secrets is empty/]],
    [
      '"backend:" for "backends:"',
      `${START.replace('backends', 'backend')}default-backend: conjur\nsecrets: { A: x }\n`,
      [/"backend"; did you mean "backends"/],
    ],
  ])('%s', async (_, text, expected) => {
    const { error } = await load({ files: { 'secretctl.yaml': text }, flags: { audience: 'x' } });
    const said = error?.facts.details ?? [error?.message];
    expect(said).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  test('another mistyped key does not explain that no secret was asked for', async () => {
    const { error } = await load({ files: { 'secretctl.yaml': `${START}tiemout: 5s\n` } });
    expect(error?.facts.details).toHaveLength(2);
  });
});

describe('the reason', () => {
  test.each([
    ['of one kind of fault is its own', START.replace('https:', 'http:'), {}, 'PLAIN_HTTP'],
    ['of credentials', START.replace('https://', 'https://u@'), {}, 'URL_CREDENTIALS'],
    ['of an odd URL', START.replace('.com', '.com/a/../b'), {}, 'URL_INVALID'],
    ['of several kinds is CONFIG_INVALID', `${START.replace('https:', 'http:')}x: 1\n`, {}, 'CONFIG_INVALID'],
    ['of the command line is USAGE', START, { flags: { timeout: 'x', format: 'y' } }, 'USAGE'],
    ['of command line and file is CONFIG_INVALID', `${START}x: 1\n`, { flags: { timeout: 'x' } }, 'CONFIG_INVALID'],
  ])('%s', async (_, text, more, reason) => {
    expect((await load({ files: { 'secretctl.yaml': text }, command: 'login', ...more })).error?.reason).toBe(reason);
  });
});

describe('a file that is not worth reading', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghij'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`),
  ].join('\n');
  test.each([
    ['alias bomb', bomb],
    ['an alias of itself', 'a: &a [*a]\n'],
    ['deep lists', '['.repeat(100_000)],
    ['deep blocks', '{a: '.repeat(5000)],
    ['deep sequences', '- '.repeat(20_000)],
    ['closing brackets', ']'.repeat(1_000_000)],
    ['a million lines', 'a: b\n'.repeat(200_000)],
    ['1 MiB and one byte', 'x'.repeat(1_048_577)],
  ])('%s', async (_, text) => {
    const spent = await effort(async () => {
      const { error } = await load({ files: { 'secretctl.yaml': text }, command: 'login' });
      expect(error?.reason).toBe('CONFIG_TOO_BIG');
    });
    expect(spent).toBeLessThan(3000);
  });

  test('100 MB', async () => {
    await inDirectory({}, async (root) => {
      const file = path.join(root, 'big.yaml');
      writeFileSync(file, '');
      truncateSync(file, 100_000_000);
      expect(() => readTextFile(file, runtimeIn(root))).toThrow(expect.objectContaining({ reason: 'CONFIG_TOO_BIG' }));
      return undefined;
    });
  });

  test('a FIFO, a directory, bytes that are not UTF-8', async () => {
    await inDirectory({ 'directory/': '', latin: Buffer.from([0x61, 0xe4, 0x62]) }, async (root) => {
      spawnSync('mkfifo', [path.join(root, 'fifo')]);
      for (const name of ['fifo', 'directory', 'latin']) {
        expect(() => readTextFile(path.join(root, name), runtimeIn(root)), name).toThrow(
          expect.objectContaining({ reason: 'CONFIG_INVALID' }),
        );
      }
      return undefined;
    });
  });
});

test('an empty file is a file without settings', async () => {
  const env = { CONJUR_APPLIANCE_URL: 'https://c.example', CONJUR_ACCOUNT: 'a', CONJUR_AUTHN_JWT_SERVICE_ID: 's' };
  for (const text of ['', '# nothing\n', '---\n', '\ufeff', '{}']) {
    expect((await load({ files: { 'secretctl.yaml': text }, env, args: ['a'] })).settings?.secrets).toHaveLength(1);
  }
});

const word = fc.constantFrom(
  'backends',
  'conjur',
  'type',
  'url',
  'secrets',
  'A',
  'ref',
  'profiles',
  'token',
  'https://c.example',
  'a/b#c',
  '5s',
  '*a',
  '&a',
  '!t',
  '|',
  '>',
  '"',
  "'",
  '#',
  '%',
  '@',
);
const mark = fc.constantFrom(
  ': ',
  '\n',
  '\n  ',
  '\n    ',
  '- ',
  ', ',
  '{',
  '}',
  '[',
  ']',
  '? ',
  '\t',
  '---\n',
  ' ',
  '\u0000',
  '\u2028',
  '<<: ',
);
const yamlish = fc
  .array(fc.oneof(word, mark, fc.string({ maxLength: 4 })), { maxLength: 30 })
  .map((parts) => parts.join(''));

test('no file makes the loader throw anything but its own refusals', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(yamlish, fc.string({ unit: 'binary' })), async (text) => {
      // `load` passes everything else on.
      const { error, settings } = await load({ files: { 'secretctl.yaml': text }, flags: { profile: 'conjur' } });
      expect(error === undefined).toBe(settings !== undefined);
      expect(textOf(error)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }),
    { numRuns: 400 },
  );
});

test('of a backend that is none only that is said, not what belongs to it', async () => {
  const { error } = await load({ flags: { backend: 'conjr', url: 'https://c.example' }, args: ['a'] });
  expect([error?.reason, error?.message]).toEqual(['USAGE', '--backend names no backend; did you mean "conjur"?']);
});
