import { describe, expect, test } from 'vitest';
import { DOCUMENTED, load } from '../../support/configured.ts';

describe('names', () => {
  const named = async (args: string[], flags: Record<string, string>): Promise<unknown> => {
    const { settings, error } = await load({ files: { 'secretctl.yaml': DOCUMENTED }, args, flags });
    return error?.reason ?? settings?.secrets.map(({ ref, isNamed }) => `${isNamed ? '' : '?'}${ref.name}`);
  };

  test('--prefix stands before each, whoever gave it', async () => {
    expect(await named(['A=prod/a', 'prod/b', 'DB_PASSWORD'], { prefix: 'TF_VAR_' })).toEqual([
      'TF_VAR_A',
      '?TF_VAR_B',
      'TF_VAR_DB_PASSWORD',
    ]);
  });

  test('--keep-case leaves a derived name as the path has it', async () => {
    expect(await named(['prod/db-Password', 'a=prod/x'], { 'keep-case': 'true' })).toEqual(['?db_Password', 'a']);
    expect(await named(['prod/db/password', 'staging/db/PASSWORD'], { 'keep-case': 'true' })).toEqual([
      '?password',
      '?PASSWORD',
    ]);
    expect(await named(['prod/db/password', 'staging/db/PASSWORD'], {})).toBe('NAME_CLASH');
  });

  test('a prefix that no name can have, or that makes one too long', async () => {
    expect(await named(['A=prod/a'], { prefix: '1' })).toBe('USAGE');
    expect(await named(['A=prod/a'], { prefix: 'x'.repeat(255) })).toBe('NAME_INVALID');
  });
});
