import { expect, test } from 'vitest';
import { PRODUCTS } from '../../../src/dev/index.ts';
import { withItsPolicy, writtenPolicy } from '../../support/policies.ts';

/** What a product does not load: a document, and what is made another there. */
const REFUSED: readonly (readonly [type: string, document: string, from: string | RegExp, to: string])[] = [
  ['conjur', 'conjur-policy.yml', '- !variable audience', '- !variable other'],
  ['conjur', 'conjur-policy.yml', '- !group apps', '- !team apps'],
  ['conjur', 'conjur-policy.yml', '!group "conjur/authn-jwt/ci/apps"', '!group "conjur/authn-jwt/ci/nobody"'],
  ['conjur', 'conjur-policy.yml', '"authn-jwt/ci/ref":', '"authn-jwt/ci/iss":'],
  ['conjur', 'conjur-policy.yml', ': "20"', ': 20'],
  ['conjur', 'conjur-policy.yml', '"authn-jwt/ci/ref":', '"authn-jwt/other/ref":'],
  ['conjur', 'conjur-policy.yml', 'annotations:', 'notes:'],
  ['conjur', 'conjur-variables.sh', /^conjur variable set .*audience.*\n/m, ''],
  ['conjur', 'conjur-variables.sh', /^conjur authenticator .*\n/m, ''],
  ['conjur', 'conjur-variables.sh', 'provider-uri', 'no-such-variable'],
  ['conjur', 'conjur-variables.sh', ' -v ', ' -v $'],
  ['vault', 'role.json', '"role_type": "jwt",', ''],
  ['vault', 'role.json', '"user_claim"', '"user_claims"'],
  ['vault', 'role.json', '"string"', '"glob"'],
  ['vault', 'role.json', /"bound_claims": \{[^}]*\}/, '"bound_claims": {}'],
  ['vault', 'config.json', /"bound_issuer": "/, '"bound_issuer": "x'],
  ['vault', 'policy.hcl', '"read"', 'read'],
  ['vault', 'policy.hcl', 'path ', 'paths '],
  ['aws', 'trust-policy.json', 'StringEquals', 'StringLike'],
  ['aws', 'trust-policy.json', /"[^"]*:sub":/, '"other:sub":'],
  ['aws', 'trust-policy.json', 'project_path:', '${aws:username}:'],
  ['aws', 'trust-policy.json', 'oidc-provider/', 'oidc-provider/x.'],
  ['aws', 'provider.sh', '--client-id-list', '--thumbprint-list'],
  ['azure', 'credential.json', '"subject"', '"claimsMatchingExpression"'],
  ['azure', 'credential.json', /"name": "[^"]*"/, '"name": "a b"'],
  ['azure', 'credential.json', '"audiences": [', '"audiences": ["other",'],
  ['azure', 'roles.sh', 'Key Vault Secrets User', 'Reader'],
  ['gcp', 'provider.sh', ' == ', ' != '],
  ['gcp', 'provider.sh', '--location=global', '--location=europe'],
  ['gcp', 'provider.sh', 'google.subject=assertion.', 'google.subject='],
  ['gcp', 'access.sh', 'secretAccessor', 'viewer'],
  ['fortipam', 'fortipam.cli', 'set type jwt\n', 'set type local\n'],
  ['fortipam', 'fortipam.cli', 'set jwks-url', 'set jwks'],
  ['fortipam', 'fortipam.cli', '"iss"', '"issuer"'],
  ['fortipam', 'fortipam.cli', '  next\n', ''],
  ['venafi', 'built-in-account.txt', 'Subject', 'Subjects'],
  ['venafi', 'built-in-account.txt', 'JWKS URI: "https:', 'JWKS URI: "'],
];

const SECRETS = { reads: ['app/db'], secrets: { 'app/db': 'v' } };

test.each(REFUSED)('%s does not load %s with another %s', async (type, name, from, to) => {
  const { policy } = await writtenPolicy(type, type === 'venafi' ? {} : SECRETS);
  const changed = policy.documents.map((one) =>
    one.name === name ? { ...one, text: one.text.replace(from, () => to) } : one,
  );
  expect(changed).not.toEqual(policy.documents);
  const product = await PRODUCTS[type]?.();
  const read = async (): Promise<unknown> => product?.readPolicy?.(changed, new Map());
  await expect(read()).rejects.toMatchObject({ reason: 'CONFIG_INVALID' });
});

test('conjur: a host that is not granted the group may not authenticate', async () => {
  const { policy, made } = await writtenPolicy('conjur');
  const documents = policy.documents.map((one) => ({ ...one, text: one.text.replace(/- !grant\n.*\n.*\n/, '') }));
  const loaded = await withItsPolicy('conjur', {
    policy: { backend: 'conjur', issuer: made.rehearsal.issuer, documents },
  });
  await expect(loaded.logIn()).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
});
