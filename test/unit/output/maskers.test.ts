import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { registerMasks } from '../../../src/output/mask.ts';
import { environmentOf, masks, orderOf } from '../../support/registered-masks.ts';
import { invocationIn } from '../../support/sink-invocation.ts';

describe('Azure Pipelines, as its agent was set up', () => {
  const AZURE = environmentOf({ fixture: 'azure' });
  const SET = '##vso[task.setsecret]';

  test.each(['', 'true', 'True', '1', undefined])('DECODE_PERCENTS=%s: a percent sign in its own way', async (wish) => {
    const { lines } = await masks({ ...AZURE, DECODE_PERCENTS: wish }, 'half 50%');
    expect(lines).toContain(`${SET}half 50%AZP25`);
  });

  test('DECODE_PERCENTS=false: as it stands', async () => {
    const { lines } = await masks({ ...AZURE, DECODE_PERCENTS: 'false' }, 'half 50% %25 %AZP25');
    expect(lines).toContain(`${SET}half 50% %25 %AZP25`);
  });

  test.each(['one%0Atwo!', 'one%0dtwo!', 'one%3Btwo!', 'one%5dtwo!'])(
    'DECODE_PERCENTS=false: %s, which it would decode, is MASK_FAILED, and nothing is told',
    async (value) => {
      const env = { ...AZURE, DECODE_PERCENTS: 'false' };
      const stderr = new PassThrough();
      const invocation = invocationIn('/', { env, stderr });
      const failed = await registerMasks(orderOf(env, ['another', value]), invocation).catch((error: unknown) => error);
      expect(failed).toMatchObject({ reason: 'MASK_FAILED', message: expect.not.stringContaining('two!') });
      expect(stderr.read()).toBe(null);
      expect((await masks(AZURE, value)).lines).toContain(`${SET}${value.replace('%', '%AZP25')}`);
    },
  );

  test.each([
    ['5', ['abcdef', 'abcde'], ['S2']],
    ['6', ['abcdef'], ['S1', 'S2']],
    ['9', ['abcdef'], ['S1', 'S2']],
    ['0', ['abcdef', 'abcde', 'abcd'], []],
    ['-1', ['abcdef', 'abcde', 'abcd'], []],
  ])('AZP_IGNORE_SECRETS_SHORTER_THAN=%s: what it ignores is named', async (wish, told, named) => {
    const env = { ...AZURE, AZP_IGNORE_SECRETS_SHORTER_THAN: wish };
    const { lines, warnings } = await masks(env, 'abcdef', 'abcde', 'abcd');
    expect(lines.filter((line) => !/[A-Z]/.test(line.slice(SET.length)))).toEqual(told.map((one) => SET + one));
    expect(warnings).toEqual(named.map((name) => expect.stringMatching(`${name}.* too short`)));
  });
});
