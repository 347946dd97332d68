import { isUtf8 } from 'node:buffer';
import { SecretctlError } from '../../lib/errors.ts';
import { quoted } from '../../lib/text.ts';
import type { ServerRequest, StrictProduct, StrictServer } from '../types.ts';
import { isRead, openStrictApi, pathOf } from './api.ts';
import { type Login, openLogin } from './login.ts';
import { type FortipamOptions, readOptions } from './options.ts';
import { failure, loginPage } from './replies.ts';
import { fillVault, type Vault } from './vault.ts';

/** A FortiPAM with one api-user of type JWT that is bound to this job (pam-cloud.md, section 1). */
export const fortipamServer: StrictProduct = {
  type: 'fortipam',
  async readPolicy(documents) {
    const { readFortipamPolicy } = await import('./policy.ts');
    return readFortipamPolicy(documents);
  },
  start(world) {
    const options = readOptions(world.options);
    const vault = fillVault(world);
    const login = openLogin(world, options);
    const api = openStrictApi(vault, options);
    const isLogin = (request: ServerRequest): boolean => pathOf(request) === options['login-path'];
    const server: StrictServer = {
      classify(request) {
        if (isLogin(request) && request.method === 'POST') return 'exchange';
        return isRead(request) ? 'read' : undefined;
      },
      async handle(request) {
        if (isLogin(request)) return login.handle(request);
        // Everything that is neither the login nor the API belongs to the GUI.
        if (!pathOf(request).startsWith('/api/v2/')) return loginPage();
        return refusalFor(request, login, options) ?? api.handle(request);
      },
      variables: (url) => ({ FPAM_URL: url }),
      caVariable: undefined,
      configuration: (url) => ({ type: 'fortipam', url, ...settingsFor(options, vault) }),
      disturb(what) {
        if (what === 'revoke-tokens') return login.revokeAll();
        throw new SecretctlError('USAGE', `the FortiPAM server cannot ${quoted(what)}`, {
          hint: 'it can revoke-tokens',
        });
      },
    };
    return server;
  },
};

/** What a request gets whose token, or whose place, is not right; undefined when all is well. */
function refusalFor(request: ServerRequest, login: Login, options: FortipamOptions) {
  const token = /^Bearer (?<token>[\x21-\x7e]+)$/.exec(request.headers['authorization'] ?? '')?.groups?.['token'];
  const standing = token === undefined ? 'unknown' : login.standing(token);
  if (standing === 'unknown') return loginPage();
  if (standing === 'good' && login.isTrusted(request.remoteAddress)) return undefined;
  return options.stale === 'page' ? loginPage() : failure(request.method, 401, 'No valid session');
}

/** The settings a client needs for this variant of the server. */
function settingsFor(options: FortipamOptions, vault: Vault): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {};
  if (options['login-path'] !== '/auth/jwt/login') settings['login-path'] = options['login-path'];
  if (options['login-field'] !== 'jwt') settings['login-token-field'] = options['login-field'];
  if (options['login-format'] !== 'json') settings['login-format'] = options['login-format'];
  if (options.user !== '') settings['user'] = options.user;
  const values = vault.secrets.flatMap((secret) => secret.fields.map((field) => field.value));
  if (!values.every((value) => isUtf8(value))) settings['secret-encoding'] = 'base64';
  return settings;
}
