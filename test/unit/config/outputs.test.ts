import { describe, expect, test } from 'vitest';
import { type Configured, DOCUMENTED, load } from '../../support/configured.ts';

const A = ['A=prod/a'];
const CONFIGURED = { 'secretctl.yaml': DOCUMENTED };

/** What is written: the format or the template, the file, the directory. */
async function outputs(configured: Configured): Promise<Record<string, unknown> | string> {
  const { settings, error } = await load({ args: A, ...configured });
  if (error !== undefined) return error.reason;
  const { format, template, file, files } = settings.output;
  const said = Object.entries({ format, template, file, files }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said);
}

describe('what is written', () => {
  test.each([
    [{}, { format: 'dotenv' }],
    [{ output: 'o' }, { format: 'dotenv', file: 'o' }],
    [{ files: 'd' }, { files: 'd' }],
    [
      { files: 'd', format: 'sh' },
      { files: 'd', format: 'sh' },
    ],
    [
      { files: 'd', output: 'o' },
      { files: 'd', format: 'dotenv', file: 'o' },
    ],
    [{ template: 't' }, { template: 't' }],
    [
      { template: 't', files: 'd', output: 'o' },
      { template: 't', files: 'd', file: 'o' },
    ],
    [{ template: 't', format: 'sh' }, 'USAGE'],
  ])('%j', async (flags, expected) => {
    expect(await outputs({ files: CONFIGURED, flags })).toEqual(expected);
  });

  test('of a format and a template the one that is said more strongly counts', async () => {
    const withTemplate = { 'secretctl.yaml': `template: ./t\n${DOCUMENTED}` };
    expect(await outputs({ files: withTemplate, flags: { format: 'sh' } })).toEqual({ format: 'sh' });
    const withFormat = { 'secretctl.yaml': `format: sh\n${DOCUMENTED}` };
    expect(await outputs({ files: withFormat, env: { SECRETCTL_TEMPLATE: 't' } })).toEqual({ template: 't' });
    const both = { 'secretctl.yaml': `format: sh\ntemplate: t\n${DOCUMENTED}` };
    expect(await outputs({ files: both })).toBe('CONFIG_INVALID');
  });

  test.each([
    'files: ..',
    'files: .',
    'files: .git/x',
    'files: /tmp/x',
    'template: ../t',
    'template: /etc/passwd',
    'output: /tmp/x',
  ])('a configuration does not say %s', async (line) => {
    expect(await outputs({ files: { 'secretctl.yaml': `${line}\n${DOCUMENTED}` } })).toBe('CONFIG_INVALID');
  });

  test.each([
    ['_PATH', '_PATH'],
    ['', ''],
    ['-x', 'USAGE'],
  ])('--path-suffix %j', async (suffix, expected) => {
    const { settings, error } = await load({ args: A, files: CONFIGURED, flags: { 'path-suffix': suffix } });
    expect(error?.reason ?? settings?.output.pathSuffix).toBe(expected);
  });
});

describe('file-name', () => {
  const reasonOf = async (block: string): Promise<string | undefined> => {
    const text = DOCUMENTED.replace(/^secrets:\n/m, `secrets:\n${block}`);
    return (await load({ files: { 'secretctl.yaml': text } })).error?.reason;
  };

  test('is a plain name, of one secret only', async () => {
    expect(await reasonOf('  X: { ref: prod/x, file-name: tls-1.key }\n')).toBeUndefined();
    for (const name of ['../x', '.hidden', '-rf', 'a/b', '""', 'a b']) {
      expect(await reasonOf(`  X: { ref: prod/x, file-name: ${name} }\n`), name).toBe('CONFIG_INVALID');
    }
    expect(await reasonOf('  X: { ref: "prod/x#*", file-name: x }\n')).toBe('CONFIG_INVALID');
    expect(await reasonOf('  X: { ref: prod/x, file-name: Y }\n  Y: prod/y\n')).toBe('NAME_CLASH');
  });
});
