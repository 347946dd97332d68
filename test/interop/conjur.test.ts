import { describe, expect, test } from 'vitest';
import { askClient, askSecretctl, HAS_VAULT_CLIENTS } from '../support/rehearsed-client.ts';

// CyberArk's own client against the strict server: what it takes for Conjur, secretctl may.

const CONJUR = { backend: 'conjur', clients: 'vault-clients' } as const;
const CLIENT = 'conjur.py';
const SECRETS = [
  '--secret',
  'app/key=first',
  '--secret',
  'app/key=canary two',
  '--secret',
  'my app/a b%+é@x=ünïcode "x"',
];

describe.skipIf(!HAS_VAULT_CLIENTS)("CyberArk's client", () => {
  test('logs in and reads what secretctl reads, alone, by version and together', async () => {
    const rehearsing = { ...CONJUR, flags: SECRETS };
    expect(await askClient(CLIENT, rehearsing, ['app/key', 'app/key@1'])).toEqual({
      alone: { 'app/key': 'canary two', 'app/key@1': 'first' },
      together: { 'app/key': 'canary two' },
    });
    const own = await askSecretctl(rehearsing, ['KEY=app/key', 'OLD=app/key?version=1', 'ODD=my app/a b%25+é@x']);
    expect(JSON.parse(own.stdout.toString())).toEqual({ KEY: 'canary two', OLD: 'first', ODD: 'ünïcode "x"' });
  });

  test('is told by the same statuses and codes what is missing', async () => {
    const rehearsing = { ...CONJUR, flags: SECRETS };
    const missing = { status: 404, message: 'CONJ00076E' };
    expect(await askClient(CLIENT, rehearsing, ['app/key', 'nothing', 'app/key@9'])).toEqual({
      alone: { 'app/key': 'canary two', nothing: missing, 'app/key@9': missing },
      together: missing,
    });
  });

  test.each([
    ['of another subject', ['--claim', 'project_path=acme/other'], 401],
    ['of a host that may not log in', ['--option', 'member=false'], 403],
    ['to an authenticator that is off', ['--option', 'enabled=false'], 401],
  ])('is refused with a token %s as secretctl is', async (_, more, status) => {
    const rehearsing = { ...CONJUR, flags: [...SECRETS, ...more] };
    expect(await askClient(CLIENT, rehearsing, ['app/key'])).toMatchObject({
      alone: { 'app/key': { status } },
    });
    const own = await askSecretctl(rehearsing, ['KEY=app/key']);
    expect([own.exit, own.stderr]).toEqual([77, expect.stringContaining(`status ${status}`)]);
  });
});
