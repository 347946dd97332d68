import { SecretctlError } from '../../lib/errors.ts';
import { quoted } from '../../lib/text.ts';
import type { Configured, StrictProduct, StrictServer } from '../types.ts';
import { readOptions, type VaultOptions } from './options.ts';
import { answer, isLogin, isRead, placeOf, type Site } from './routes.ts';
import { fillStore, type Store } from './store.ts';
import { openTokens } from './tokens.ts';
import { openWrappings } from './wrapping.ts';

/** A Vault with a JWT method, one role bound to this job, a key-value engine and a database (conjur-vault.md, section 3). */
export const vaultServer: StrictProduct = {
  type: 'vault',
  async readPolicy(documents, options) {
    const { readVaultPolicy } = await import('./policy.ts');
    return readVaultPolicy(documents, readOptions(options));
  },
  start(world) {
    const options = readOptions(world.options);
    const site: Site = {
      world,
      options,
      tokens: openTokens(world, options),
      store: fillStore(world, options),
      wrappings: openWrappings(world),
    };
    const server: StrictServer = {
      classify(request) {
        const place = placeOf(request, site);
        if (isLogin(place, site)) return 'exchange';
        return isRead(place, site) ? 'read' : undefined;
      },
      handle: (request) => answer(request, site),
      variables: (url) => ({ VAULT_ADDR: url, ...variablesFor(settingsFor(options, site.store)) }),
      caVariable: 'VAULT_CACERT',
      configuration: (url) => ({ type: 'vault', url, ...settingsFor(options, site.store) }),
      disturb(what) {
        if (what === 'revoke-tokens') return site.tokens.revokeAll();
        throw new SecretctlError('USAGE', `the Vault server cannot ${quoted(what)}`, { hint: 'it can revoke-tokens' });
      },
    };
    return server;
  },
};

/** What its own clients have no variable for, a job says in ours: a configuration in the repository need not know the rehearsal. */
function variablesFor(settings: Configured): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      `SECRETCTL_VAULT_${key.toUpperCase().replaceAll('-', '_')}`,
      String(value),
    ]),
  );
}

/** The settings a client needs for this variant of the server. */
function settingsFor(options: VaultOptions, store: Store): Configured {
  const settings: Record<string, string | readonly string[]> = {};
  if (options['mount-in'] === 'setting') settings['mount'] = options.mount;
  if (options['auth-path'] !== 'jwt') settings['auth-path'] = options['auth-path'];
  if (options.role !== '') settings['role'] = options.role;
  if (options.namespace !== '' && options['auth-in'] === 'namespace') settings['namespace'] = options.namespace;
  if (store.isBase64) settings['binary-fields'] = ['value'];
  return settings;
}
