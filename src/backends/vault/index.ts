import type { BackendContext, BackendType } from '../types.ts';
import { settings, type VaultValues } from './settings.ts';
import { openVault } from './vault.ts';

/** HashiCorp Vault and OpenBao, one protocol (conjur-vault.md, section 3). */
export const vault: BackendType<typeof settings> = {
  type: 'vault',
  title: 'HashiCorp Vault',
  algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
  requiredClaims: [],
  settings,
  variables: {
    url: ['BAO_ADDR', 'VAULT_ADDR', 'VAULT_SERVER_URL'],
    'ca-file': ['BAO_CACERT', 'VAULT_CACERT'],
    ca: ['BAO_CACERT_BYTES', 'VAULT_CACERT_BYTES'],
    'client-cert': ['BAO_CLIENT_CERT', 'VAULT_CLIENT_CERT'],
    'client-key': ['BAO_CLIENT_KEY', 'VAULT_CLIENT_KEY'],
    'server-name': ['BAO_TLS_SERVER_NAME', 'VAULT_TLS_SERVER_NAME'],
    'token-text': ['VAULT_ID_TOKEN'],
  },
  check: checkSettings,
  create(context) {
    warnOfUncheckedTls(context);
    return openVault(context);
  },
};

function checkSettings(url: URL, values: VaultValues): readonly string[] {
  const faults: string[] = [];
  if (/\/v1\/?$/.test(url.pathname)) faults.push('url must be without /v1: that is added');
  if (values.engine === 'other' && values.references === 'gitlab')
    faults.push('references: gitlab is for key-value engines');
  return faults;
}

/** The products' own clients switch certificate checks off with these; here nothing does. */
function warnOfUncheckedTls({ invocation }: BackendContext<VaultValues>): void {
  for (const name of ['BAO_SKIP_VERIFY', 'VAULT_SKIP_VERIFY']) {
    const skip = invocation.runtime.env[name]?.trim().toLowerCase();
    if (skip === undefined || !['true', '1', 't'].includes(skip)) continue;
    invocation.journal.warn(
      `${name} is not heeded: the certificate is checked all the same (ca-file names a private CA)`,
    );
  }
}
