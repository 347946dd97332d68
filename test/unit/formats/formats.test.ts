import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../../../src/config/settings.ts';
import { encodeSecrets, formatFor, formatNamed, FORMATS } from '../../../src/formats/index.ts';
import { raw } from '../../../src/formats/raw.ts';
import { type Reason, SecretctlError } from '../../../src/lib/errors.ts';
import type { Secret } from '../../../src/lib/secrets.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { circumstances } from '../../support/round-trip.ts';

function secret(value: string | Buffer, name = 'A'): Secret {
  return { name, value: new Sensitive(value), reference: 'prod/a' };
}

const RENDERERS = new Map(await Promise.all(FORMATS.map(async ({ name, load }) => [name, await load()] as const)));

function bytesOf(name: string, secrets: readonly Secret[], destination: 'file' | 'stream' = 'stream'): Buffer {
  const renderer = RENDERERS.get(formatFor(name, secrets.length).name);
  return renderer?.render(secrets, circumstances({ destination })) ?? Buffer.from('no renderer');
}

function rendered(...args: Parameters<typeof bytesOf>): string {
  return bytesOf(...args).toString();
}

function failure(act: () => unknown): SecretctlError {
  try {
    act();
  } catch (error) {
    if (error instanceof SecretctlError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('bytes', () => {
  const TABLE: readonly [format: string, values: Record<string, string>, expected: string][] = [
    ['raw', { A: 'a\n' }, 'a\n'],
    ['json', { B: 'ü"\n', A: '\0' }, '{\n  "B": "ü\\"\\n",\n  "A": "\\u0000"\n}\n'],
    ['json', {}, '{}\n'],
    [
      'yaml',
      { B: 'ü"\\\n\r\t', A: '\0\u0085\u2028\ufeff\u{10ffff}' },
      '"B": "ü\\"\\\\\\n\\r\\t"\n"A": "\\x00\\x85\\u2028\\uFEFF\\U0010FFFF"\n',
    ],
    ['yaml', {}, '{}\n'],
    ['dotenv', { A: '', B: 'x$Y"`', C: "it's", D: "it's `x`" }, "A=''\nB='x$Y\"`'\nC=`it's`\nD=\"it's `x`\"\n"],
    ['dotenv', {}, ''],
    ['sh', { A: "it's\n$(id)\\", B: '' }, "export A='it'\\''s\n$(id)\\'\nexport B=''\n"],
    ['fish', { A: "it's\n\\", B: '' }, "set -gx A 'it\\'s\n\\\\'\nset -gx B ''\n"],
    ['powershell', { A: "it's ‘x’ $y" }, "$env:A = 'it''s ‘‘x’’ $y'\n"],
    ['nu', { A: '"\\\n\r\t$x' }, '$env.A = "\\"\\\\\\n\\r\\t$x"\n'],
    ['cmd', { A: 'a b+c/d==' }, '@set "A=a b+c/d=="\r\n'],
    ['dotenv:python', { A: '$X "\\\n\r\'' }, 'A="$X \\"\\\\\\n\\r\'"\n'],
    ['dotenv:ruby', { A: '$(id)', B: "it's $X", C: 'a$\\' }, "A='$(id)'\nB=\"it's \\$X\"\nC=a\\$\\\\\n"],
    ['dotenv:go', { A: '$X\n"x', B: 'x"', C: 'x\\' }, 'A="\\$X\\n\\"x"\nB=\'x"\'\nC=x\\\n'],
    ['dotenv:go', { A: `it's $X#"`, B: 'a "$\\' }, `A=it's \\$X#"\nB=a "\\$\\\n`],
    ['dotenv:compose', { A: '$X\n"\\' }, 'A="\\$X\\n\\"\\\\"\n'],
    ['dotenv:bun', { A: '$X"`', B: "'\r" }, 'A=\'\\$X"`\'\nB="\'\\r"\n'],
    ['dotenv:portable', { A: 'a "b"\nc' }, 'A=\'a "b"\nc\'\n'],
    ['docker-env', { A: ' "$x" ', B: '' }, 'A= "$x" \nB=\n'],
    ['systemd-env', { A: '"$`\\\n\'' }, 'A="\\"\\$\\`\\\\\n\'"\n'],
    ['properties', { A: ' a\\\n=ü🔑' }, 'A=\\ a\\\\\\n=\\u00FC\\uD83D\\uDD11\n'],
    ['tfvars', { A: '${x} %{y} $x "\\\nü\0' }, 'A = "$${x} %%{y} $x \\"\\\\\\nü\\u0000"\n'],
    ['github-env', { A: 'a\nb' }, `A<<secretctl_${'01'.repeat(16)}\na\nb\nsecretctl_${'01'.repeat(16)}\n`],
    ['azure', { A: '100%;]' }, '##vso[task.setvariable variable=A;issecret=true]100%AZP25;]\n'],
    ['teamcity', { A: "a'|[]\n\rü" }, "##teamcity[setParameter name='env.A' value='a|'|||[|]|n|r|0x00FC']\n"],
    ['buildkite', { A: 'ü\n' }, '{\n  "A": "ü\\n"\n}\n'],
    ['gitlab-dotenv', { A: 'a "b" # c' }, 'A=a "b" # c\n'],
  ];

  test.each(TABLE)('%s of %j', (format, values, expected) => {
    const secrets = Object.entries(values).map(([name, value]) => secret(value, name));
    expect(rendered(format, secrets)).toBe(expected);
  });

  test('raw keeps bytes that are no text', () => {
    const bytes = Buffer.from([0, 255, 10, 13]);
    expect(bytesOf('raw', [secret(bytes)])).toEqual(bytes);
  });

  test('sh keeps bytes that are no text', () => {
    const bytes = bytesOf('sh', [secret(Buffer.from([255, 39, 254]))]);
    expect(bytes.toString('latin1')).toBe("export A='\xff'\\''\xfe'\n");
  });

  test('json keeps a member that objects treat as their own', () => {
    expect(rendered('json', [secret('x', '__proto__')])).toBe('{\n  "__proto__": "x"\n}\n');
  });

  test('only a file of sh is guarded, in its first line and its last', () => {
    const [first, middle, last, end] = rendered('sh', [secret('x')], 'file').split('\n');
    expect(first).toMatch(/^\{ .*set \+xv; \} 2>\/dev\/null$/);
    expect(middle).toBe("export A='x'");
    expect(last).toMatch(/set -x/);
    expect(end).toBe('');
  });
});

describe('refusals', () => {
  const canary = 'canary-4711';
  const TABLE: readonly [format: string, what: string, value: string | Buffer, way: RegExp][] = [
    ['dotenv', 'NUL', `${canary}\0`, /--encode base64/],
    ['dotenv', 'carriage return', `${canary}\r`, /--format sh/],
    ['dotenv', 'command substitution', `${canary}$(id)`, /--format sh/],
    ['dotenv', 'backslash at the end', `${canary}\\`, /--format sh/],
    ['dotenv', 'single quote and dollar', `${canary}'$`, /--format sh/],
    ['dotenv', 'all three quotes', `${canary}'"\``, /--format sh/],
    ['dotenv', 'two quotes and a literal \\n', `${canary}'\`\\n`, /--format sh/],
    ['dotenv', 'what dotenvx decrypts', `encrypted:${canary}`, /--format sh/],
    ['dotenv', 'not UTF-8', Buffer.concat([Buffer.from(canary), Buffer.from([255])]), /--format raw -o FILE/],
    ['dotenv', 'longer than a variable may be', canary.repeat(12_000), /--format json/],
    ['sh', 'NUL', `${canary}\0`, /--encode base64/],
    ['sh', 'longer than a variable may be', canary.repeat(12_000), /--format json/],
    ['dotenv:python', 'what it expands', `${canary}\${`, /--format sh/],
    ['dotenv:python', 'backslash at the end', `${canary}\\`, /--format sh/],
    ['dotenv:ruby', 'carriage return', `${canary}\r`, /--format sh/],
    ['dotenv:ruby', 'a command that no quote would stop', `it's ${canary}$(id)`, /--format sh/],
    ['dotenv:ruby', 'a last backslash behind a comment', `${canary} #\\`, /--format sh/],
    ['dotenv:go', 'a last quote with another', `'${canary}"`, /--format sh/],
    ['dotenv:go', 'a last backslash behind what looks like a comment', `${canary} #\\`, /--format sh/],
    ['dotenv:go', 'a last backslash and a line break', `${canary}\n\\`, /--format sh/],
    ['dotenv:bun', 'command substitution', `${canary}$(id)`, /--format sh/],
    ['dotenv:bun', 'all three quotes', `${canary}'"\``, /--format sh/],
    ['dotenv:portable', 'single quote', `${canary}'`, /dotenv:python/],
    ['dotenv:portable', 'dollar', `${canary}$`, /dotenv:python/],
    ['docker-env', 'line break', `${canary}\n`, /dotenv:compose/],
    ['docker-env', 'carriage return at the end', `${canary}\r`, /dotenv:compose/],
    ['docker-env', 'a line too long', canary.repeat(6000), /dotenv:compose/],
    ['systemd-env', 'no character', `${canary}\uffff`, /LoadCredential/],
    ['tfvars', 'not in NFC', `${canary}e\u0301`, /--format json/],
    ['powershell', 'empty', '', /--format json/],
    ['cmd', 'empty', '', /--format powershell/],
    ['cmd', 'percent', `${canary}%`, /--format powershell/],
    ['cmd', 'line break', `${canary}\n`, /--format powershell/],
    ['azure', 'line break', `${canary}\n`, /-o FILE/],
    ['gitlab-dotenv', 'line break', `${canary}\n`, /in the job/],
    ['gitlab-dotenv', 'white space at the edge', ` ${canary}`, /in the job/],
    ['gitlab-dotenv', 'dollar', `${canary}$`, /in the job/],
    ['gitlab-dotenv', 'percent', `${canary}%`, /in the job/],
    ['github-env', 'NUL', `${canary}\0`, /--encode base64/],
    ['teamcity', 'NUL', `${canary}\0`, /--encode base64/],
    ['buildkite', 'NUL', `${canary}\0`, /--encode base64/],
    ['json', 'not UTF-8', Buffer.concat([Buffer.from(canary), Buffer.from([255])]), /--encode base64/],
    ['yaml', 'not UTF-8', Buffer.concat([Buffer.from(canary), Buffer.from([255])]), /--encode base64/],
  ];

  test.each(TABLE)('%s: %s', (format, _what, value, way) => {
    const error = failure(() => rendered(format, [secret('fine', 'B'), secret(value, 'BAD_ONE')]));
    expect(error.reason).toBe('NOT_REPRESENTABLE');
    expect(error.message).toMatch(/BAD_ONE.*prod\/a/);
    expect(error.hints.join('\n')).toMatch(way);
    expect([error.message, ...error.hints].join('\n')).not.toContain(canary.slice(0, 6));
  });

  test.each(['dotenv', 'sh'])('%s: the longest variable passes, and with the longest name a shorter one', (format) => {
    expect(rendered(format, [secret('x'.repeat(131_000))])).toContain('xxx');
    const name = 'N'.repeat(255);
    expect(rendered(format, [secret('x'.repeat(130_815), name)])).toContain('xxx');
    expect(failure(() => rendered(format, [secret('x'.repeat(130_816), name)])).reason).toBe('NOT_REPRESENTABLE');
  });

  test('azure: where the job switches the decoding of percent signs off they stand as they are', () => {
    const render = (value: string, wish: string): string =>
      RENDERERS.get('azure')
        ?.render([secret(value)], circumstances({ env: { DECODE_PERCENTS: wish } }))
        .toString() ?? '';
    for (const wish of ['', 'true', '1']) expect(render('100%', wish)).toContain(']100%AZP25\n');
    for (const wish of ['false', '0', 'no']) {
      expect(render('100%', wish)).toContain(']100%\n');
      expect(failure(() => render(`${canary}%0A`, wish)).reason).toBe('NOT_REPRESENTABLE');
    }
    expect(render(`${canary}%0A`, 'true')).toContain('%AZP250A');
  });

  const NAMES: readonly [format: string, name: string, reason: Reason][] = [
    ['sh', 'A;id', 'NAME_INVALID'],
    ['dotenv', 'A=B', 'NAME_INVALID'],
    ['dotenv', '1A', 'NAME_INVALID'],
    ['sh', 'UID', 'NOT_REPRESENTABLE'],
    ['sh', 'SECRETCTL_SHELL_FLAGS', 'NOT_REPRESENTABLE'],
    ['fish', 'status', 'NOT_REPRESENTABLE'],
    ['nu', 'PWD', 'NOT_REPRESENTABLE'],
    ['github-env', 'node_options', 'NOT_REPRESENTABLE'],
    ['github-env', 'GITHUB_TOKEN', 'NOT_REPRESENTABLE'],
    ['buildkite', 'BUILDKITE_X', 'NOT_REPRESENTABLE'],
    ['azure', 'A;issecret=false', 'NAME_INVALID'],
    ['teamcity', "A'", 'NAME_INVALID'],
    ['gitlab-dotenv', 'A\nB', 'NAME_INVALID'],
    ['gitlab-dotenv', 'A'.repeat(256), 'NAME_INVALID'],
  ];

  test.each(NAMES)('%s: the name %s', (format, name, reason) => {
    expect(failure(() => rendered(format, [secret('x', name)])).reason).toBe(reason);
  });
});

describe('the table', () => {
  test('names are unique and found', () => {
    expect(new Set(FORMATS.map((format) => format.name)).size).toBe(FORMATS.length);
    for (const format of FORMATS) expect(formatNamed(format.name)).toBe(format);
    expect(formatNamed('toString')).toBeUndefined();
  });

  test('other names are no names of others, and mean the same where a format is chosen', () => {
    const { parser } = SETTINGS.format;
    const aliases = FORMATS.flatMap(({ name, aliases: others = [] }) => others.map((other) => [other, name] as const));
    expect(aliases).toContainEqual(['compose-env', 'dotenv:compose']);
    for (const [alias, name] of aliases) {
      expect(formatNamed(alias)).toBeUndefined();
      expect(parser.parse(alias)).toBe(name);
    }
    for (const { name } of FORMATS) expect(parser.parse(name)).toBe(name);
    expect(parser.schema).toEqual({
      type: 'string',
      enum: [...FORMATS.map(({ name }) => name), ...aliases.map(([alias]) => alias)],
    });
  });

  test.each([
    [`all three: '"\``, 'A (prod/a) holds all three kinds of quotes; a dotenv reader'],
    [`it's $HOME`, `A (prod/a) holds both "'" and "$"; a dotenv reader`],
    ["'`\\n", `A (prod/a) holds "'", "\`" and a backslash before n or r; a dotenv reader`],
  ])('dotenv says which characters stand in the way: %s', (value, message) => {
    expect(failure(() => rendered('dotenv', [secret(value)])).message).toContain(message);
  });

  test('an unknown format is refused with the nearest one', () => {
    const error = failure(() => formatFor('dotnev', 1));
    expect(error.reason).toBe('USAGE');
    expect(error.hints).toEqual(['did you mean dotenv?']);
  });

  test.each([0, 2])('raw of %i secrets is refused before anything is fetched, and when rendered', (count) => {
    const secrets = Array.from({ length: count }, () => secret('x'));
    expect(failure(() => formatFor('raw', count)).reason).toBe('USAGE');
    expect(failure(() => raw.render(secrets, circumstances())).reason).toBe('USAGE');
  });
});

describe('--encode', () => {
  test('base64 makes any bytes text, and undefined changes nothing', () => {
    const secrets = [secret(Buffer.from([255, 0, 254]))];
    expect(rendered('dotenv', encodeSecrets(secrets, 'base64'))).toBe("A='/wD+'\n");
    expect(encodeSecrets(secrets, undefined)).toBe(secrets);
  });
});
