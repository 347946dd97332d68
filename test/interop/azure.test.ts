import { describe, expect, test } from 'vitest';
import { askClient, askSecretctl, HAS_CLIENTS, isInstalled } from '../support/rehearsed-client.ts';

// Microsoft's own clients against the strict server: what they take for Entra and a vault, secretctl may.

const AZURE = { backend: 'azure' };
const CLIENT = 'key_vault.py';
const SECRETS = ['--secret', 'app/key=canary one', '--secret', 'app/key=canary two', '--secret', 'plain=ünïcode "x"'];

test.skipIf(!isInstalled('lowkey-vault'))('lowkey-vault, which nobody here wrote and no registry has', () => {
  expect.unreachable('it can be had now: this is to be its test');
});

describe.skipIf(!HAS_CLIENTS)("Microsoft's clients", () => {
  test('log in and read what secretctl reads', async () => {
    const rehearsing = { ...AZURE, flags: SECRETS };
    expect(await askClient(CLIENT, rehearsing, ['app--key', 'plain'])).toEqual({
      'app--key': 'canary two',
      plain: 'ünïcode "x"',
    });
    const own = await askSecretctl(rehearsing, ['KEY=app/key', 'PLAIN=plain']);
    expect(JSON.parse(own.stdout.toString())).toEqual({ KEY: 'canary two', PLAIN: 'ünïcode "x"' });
  });

  test('understand that a secret is missing, disabled, or behind a firewall', async () => {
    const disabled = { ...AZURE, flags: [...SECRETS, '--option', 'disabled=plain'] };
    expect(await askClient(CLIENT, disabled, ['nothing', 'plain'])).toEqual({
      nothing: { missing: 'SecretNotFound' },
      plain: { status: 403, code: 'Forbidden', inner: 'SecretDisabled' },
    });
    const closed = { ...AZURE, flags: [...SECRETS, '--option', 'firewall=closed'] };
    expect(await askClient(CLIENT, closed, ['plain'])).toMatchObject({ plain: { inner: 'ForbiddenByFirewall' } });
  });

  test('are refused by the number that secretctl is', async () => {
    const rehearsing = { ...AZURE, flags: [...SECRETS, '--claim', 'sub=somebody-else'] };
    expect(await askClient(CLIENT, rehearsing, ['plain'])).toEqual({ plain: { refused: 'AADSTS700213' } });
    const own = await askSecretctl(rehearsing, ['PLAIN=plain']);
    expect([own.exit, own.stderr]).toEqual([77, expect.stringContaining('AADSTS700213')]);
  });
});
