import { describe, expect, test } from 'vitest';
import { DOCUMENTED, load } from '../../support/configured.ts';

describe('what is asked for', () => {
  const ask = async (...args: string[]): ReturnType<typeof load> =>
    load({ files: { 'secretctl.yaml': DOCUMENTED }, args });

  test.each([
    ['a bare reference', 'prod/api-key', { name: 'API_KEY', path: 'prod/api-key' }, false],
    ['a named one', 'KEY=prod/api-key', { name: 'KEY', path: 'prod/api-key' }, true],
    ['a configured name', 'DB_USER', { name: 'DB_USER', path: 'prod/db', field: ['username'] }, true],
    ['a "=" after "?"', 'prod/db?version=2', { name: 'DB', version: 2 }, false],
    ['a "=" in the reference', 'KEY=prod/a=b', { name: 'KEY', path: 'prod/a=b' }, true],
  ])('%s', async (_, argument, ref, isNamed) => {
    expect((await ask(argument)).settings?.secrets).toMatchObject([{ ref, isNamed }]);
  });

  test.each([
    ['a name that no variable can have', ['DB-PASS=prod/x'], 'NAME_INVALID'],
    ['no name', ['=prod/x'], 'NAME_INVALID'],
    ['a name that is a path', ['prod/x=y'], 'NAME_INVALID'],
    ['two of one name', ['prod/db/password', 'staging/db/password'], 'NAME_CLASH'],
    ['a named and a derived one', ['PASSWORD=a', 'b/password'], 'NAME_CLASH'],
    ['a configured and a named one', ['DB_USER', 'DB_USER=x'], 'NAME_CLASH'],
    ['an empty reference', ['A='], 'REFERENCE_INVALID'],
    ['nothing', [''], 'REFERENCE_INVALID'],
    ['two kinds of faults', ['A=', 'B-C=x'], 'USAGE'],
    ['too many', Array.from({ length: 1001 }, (_, index) => `A${index}=x`), 'CONFIG_INVALID'],
  ])('%s is refused', async (_, args, reason) => {
    expect((await ask(...args)).error?.reason).toBe(reason);
  });

  test.each([
    ['DB_PASWORD', /^"DB_PASWORD" is no configured secret and is taken as a path; did you mean DB_PASSWORD\?$/],
    ['db_user', /did you mean DB_USER\?$/],
  ])('%s is taken as a path, with a warning', async (argument, warning) => {
    const { settings } = await ask(argument);
    expect(settings?.secrets).toMatchObject([{ ref: { path: argument } }]);
    expect(settings?.warnings).toEqual([expect.stringMatching(warning)]);
  });

  test.each(['DB_USER#first', 'DB_USER?version=2'])('%s is no part of a configured secret', async (argument) => {
    expect((await ask(argument)).settings?.warnings).toEqual([
      '"DB_USER" is taken as a path: the configured DB_USER goes by its name alone',
    ]);
  });

  test.each(['DB_USER', 'prod/db', 'A=DB_PASWORD', 'nothing-near'])('%s brings no warning', async (argument) => {
    expect((await ask(argument)).settings?.warnings).toEqual([]);
  });

  test.each([
    [
      'A=conjr:app/db',
      /^no backend "conjr" is configured, so "conjr:" was taken as part of the path; did you mean "conjur:"\?$/,
    ],
    ['prod:variable:app/db', /^no backend "prod" is configured[^;]*$/],
  ])('%s has a hint for when it does not exist', async (argument, hint) => {
    expect((await ask(argument)).settings?.secrets).toMatchObject([{ hint: expect.stringMatching(hint) }]);
    expect((await ask('conjur:app/db')).settings?.secrets[0]?.hint).toBeUndefined();
  });

  test.each(['A=ssm:/app/db', 'A=secretsmanager:app/db', 'A=arn:aws:secretsmanager:eu-west-1:123456789012:secret:db'])(
    '%s begins as paths of a product do: no hint at a backend',
    async (argument) => {
      const [secret] = (await ask(argument)).settings?.secrets ?? [];
      expect(secret).toBeDefined();
      expect(secret?.hint).toBeUndefined();
    },
  );

  test('a clash names both references', async () => {
    const { error } = await ask('prod/db/password', 'staging/db/password');
    expect(error?.message).toMatch(/prod\/db\/password.*staging\/db\/password/);
  });
});
