import { describe, expect, test } from 'vitest';
import { DOCUMENTED, load, textOf } from '../../support/configured.ts';

describe('several backends', () => {
  const two = `
backends:
  a: { type: conjur, url: "https://a.example", account: x, service-id: s }
  b: { type: conjur, url: "https://b.example", account: y, service-id: s }
`;
  const fortipam = '  f: { type: fortipam, url: "https://f.example" }\n';

  test.each([
    ['the prefix', { args: ['b:p/q'] }, ['b']],
    ['--backend', { args: ['p/q'], flags: { backend: 'b' } }, ['b']],
    [
      'default-backend',
      { files: { 'secretctl.yaml': `default-backend: b\n${two}` }, args: ['p/q', 'a:p/r'] },
      ['b', 'a'],
    ],
  ])('a reference goes where %s says', async (_, more, backends) => {
    const { settings } = await load({ files: { 'secretctl.yaml': two }, ...more });
    expect(settings?.secrets.map((secret) => secret.ref.backend)).toEqual(backends);
  });

  test.each([
    ['a reference without a prefix', { args: ['p/q'] }, 'REFERENCE_INVALID'],
    ['a flag', { args: ['a:p/q'], flags: { audience: 'x' } }, 'USAGE'],
    ['a flag of their product', { args: ['a:p/q'], flags: { 'conjur-account': 'x' } }, 'USAGE'],
    ['a variable', { args: ['a:p/q'], env: { SECRETCTL_AUDIENCE: 'x' } }, 'CONFIG_INVALID'],
    ['a type', { args: ['a:p/q'], flags: { backend: 'conjur' } }, 'USAGE'],
  ])('%s that may mean either is refused', async (_, more, reason) => {
    const { error } = await load({ files: { 'secretctl.yaml': two }, ...more });
    expect(error?.reason).toBe(reason);
    expect(textOf(error)).toMatch(/a, b/);
  });

  test('a flag means the chosen backend and no other', async () => {
    const { settings } = await load({
      files: { 'secretctl.yaml': two },
      args: ['p/q'],
      flags: { backend: 'b', audience: 'x', 'conjur-account': 'z' },
    });
    expect(
      settings?.backends.map((backend) => [backend.name, backend.token.audience, backend.values['account']]),
    ).toEqual([
      ['a', undefined, 'x'],
      ['b', 'x', 'z'],
    ]);
  });

  test("a product's flag means its only backend, whichever is the default", async () => {
    const files = { 'secretctl.yaml': `default-backend: a\n${two}${fortipam}` };
    const { settings } = await load({ files, args: ['p/q'], flags: { 'fortipam-vdom': 'v' } });
    expect(settings?.backends.at(-1)?.values['vdom']).toBe('v');
  });

  test('a variable for a product that is not configured does no harm', async () => {
    const { settings } = await load({
      files: { 'secretctl.yaml': two },
      args: ['a:x'],
      env: { SECRETCTL_FORTIPAM_VDOM: 'v' },
    });
    expect(settings?.backends).toHaveLength(2);
  });
});

describe('the endpoint in CI', () => {
  const ci = { CI: 'true' };
  const files = { 'secretctl.yaml': DOCUMENTED };
  test.each([
    ['another origin', { flags: { url: 'https://other.example' } }, 'ENDPOINT_OVERRIDE'],
    ['another port', { flags: { url: 'https://conjur.example.com:444' } }, 'ENDPOINT_OVERRIDE'],
    ['another fallback', { flags: { 'fallback-url': ['https://other.example'] } }, 'ENDPOINT_OVERRIDE'],
    ['the same origin', { flags: { url: 'https://conjur.example.com/api' } }, undefined],
    [
      'another origin, allowed',
      { flags: { url: 'https://other.example', 'allow-endpoint-override': 'true' } },
      undefined,
    ],
    [
      'another origin in a CI without CI',
      { flags: { url: 'https://other.example' }, env: { BUILDKITE: 'true' } },
      'ENDPOINT_OVERRIDE',
    ],
    ['another origin outside of CI', { flags: { url: 'https://other.example' }, env: {} }, undefined],
  ])('%s', async (_, more, reason) => {
    expect((await load({ files, env: ci, ...more })).error?.reason).toBe(reason);
  });

  test.each([
    ['from a variable', ''],
    ['from another backend', '    client-secret: secretctl:conjur:prod/client\n'],
  ])("another of the product's addresses, with a secret of its own %s", async (_, secret) => {
    const text = [
      'backends:',
      '  conjur: { type: conjur, url: https://conjur.example.com, account: a, service-id: s }',
      '  login:',
      '    type: token-exchange',
      '    url: https://auth.example.com/token',
      '    client-id: ci',
    ].join('\n');
    const loaded = await load({
      files: { 'secretctl.yaml': `${text}\n${secret}default-backend: login\n` },
      env: { ...ci, SECRETCTL_TOKEN_EXCHANGE_CLIENT_SECRET: secret === '' ? 'from a variable' : '' },
      flags: { 'token-exchange-revocation-url': 'https://other.example/revoke' },
      args: ['access_token'],
    });
    expect(loaded.error?.reason).toBe('ENDPOINT_OVERRIDE');
  });
});
