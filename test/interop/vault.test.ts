import { describe, expect, test } from 'vitest';
import { askClient, askSecretctl, HAS_VAULT_CLIENTS } from '../support/rehearsed-client.ts';

// The client that Python programs use for Vault and OpenBao against the strict server: what it takes for one, secretctl may.

const VAULT = { backend: 'vault', clients: 'vault-clients' } as const;
const CLIENT = 'vault.py';
const SECRETS = [
  '--secret',
  'app/key=first',
  '--secret',
  'app/key=canary two',
  '--secret',
  'plain={"user":"ünï","n":1}',
];

describe.skipIf(!HAS_VAULT_CLIENTS)('hvac', () => {
  test('logs in, reads what secretctl reads, unwraps once and revokes', async () => {
    const rehearsing = { ...VAULT, flags: SECRETS };
    const told = await askClient(CLIENT, rehearsing, ['app/key', 'app/key@1', 'plain']);
    expect(told).toEqual({
      authenticated: true,
      secrets: {
        'app/key': { value: 'canary two', version: 2 },
        'app/key@1': { value: 'first', version: 1 },
        plain: { user: 'ünï', n: 1, version: 1 },
      },
      dynamic: { leased: true, fields: ['password', 'username'] },
      unwrapped: { user: 'ünï', n: 1 },
      'unwrapped again': { refused: 'InvalidRequest', errors: ['wrapping token is not valid or does not exist'] },
      after: { refused: 'Forbidden', errors: [expect.stringContaining('permission denied')] },
    });
    const own = await askSecretctl(rehearsing, ['KEY=app/key', 'OLD=app/key?version=1', 'USER=plain#user']);
    expect(JSON.parse(own.stdout.toString())).toEqual({ KEY: 'canary two', OLD: 'first', USER: 'ünï' });
  });

  test('is told that a secret is missing or deleted', async () => {
    const flags = [...SECRETS, '--option', 'deleted=app/key'];
    expect(await askClient(CLIENT, { ...VAULT, flags }, ['nothing', 'app/key'])).toMatchObject({
      secrets: { nothing: { refused: 'InvalidPath' }, 'app/key': { refused: 'InvalidPath' } },
    });
  });

  test('is refused in the words that secretctl shows', async () => {
    const rehearsing = { ...VAULT, flags: [...SECRETS, '--claim', 'project_path=acme/other'] };
    const words = 'error validating claims: claim "project_path" does not match any associated bound claim values';
    expect(await askClient(CLIENT, rehearsing, ['plain'])).toEqual({
      login: { refused: 'InvalidRequest', errors: [words] },
    });
    const own = await askSecretctl(rehearsing, ['USER=plain#user']);
    expect([own.exit, own.stderr]).toEqual([77, expect.stringContaining(words)]);
  });
});
