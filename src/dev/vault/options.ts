import { oneOf, wholeNumber } from '../../lib/parsers.ts';
import { anyText, type OptionTable, readServerOptions } from '../frame/server-options.ts';

/** The variants of this server. */
export interface VaultOptions {
  /** What is mounted where the secrets are. */
  readonly engine: 'kv-v1' | 'kv-v2';
  /** Where they are mounted. */
  readonly mount: string;
  /** `setting`: a client is told the mount; `path`: its references begin with it. */
  readonly 'mount-in': 'setting' | 'path';
  readonly 'auth-path': string;
  /** Role that the login must name; empty: the mount has a default_role. */
  readonly role: string;
  /** `oidc`: whoever made the role forgot role_type=jwt. */
  readonly 'role-type': 'jwt' | 'oidc';
  /** Everything lies in this namespace; empty: in none. */
  readonly namespace: string;
  /** Where the JWT method is: in that namespace, or at the root, whose access tokens are good for all. */
  readonly 'auth-in': 'namespace' | 'root';
  /** Seconds; 0: access tokens do not end. */
  readonly 'token-lifetime': number;
  /** Requests an access token is good for; 0: any number. */
  readonly 'num-uses': number;
  readonly 'token-type': 'service' | 'batch';
  /** Whether the login asks for a second factor. */
  readonly mfa: 'off' | 'on';
  /** Whether the answer to a login comes wrapped, as if a rule in between had asked for that. */
  readonly 'wrapped-login': 'off' | 'on';
  /** Whether a request may bring its own login: OpenBao; `off`: Vault, which knows nothing of it. */
  readonly 'inline-auth': 'on' | 'off';
  /** What is answered to the question for a mount: the truth, 403, 404, or an engine without options. */
  readonly mounts: 'told' | 'denied' | 'unknown' | 'no-options';
  /** Whether a stale token is called that, or gets the words of a forbidden path. */
  readonly stale: 'named' | 'unnamed';
  /** `eventual`: only a request that carries the index of the login's answer is sure to find its token. */
  readonly consistency: 'strict' | 'eventual';
  /** What of the role binds the audience; without, a `vault` refuses every token that has one, an `openbao` a list of them. */
  readonly audiences: 'bound' | 'vault' | 'openbao';
  /** Paths that a control group has to approve: their answers stay wrapped; separated by spaces. */
  readonly 'control-group': string;
  /** Paths whose newest version is deleted, or destroyed; separated by spaces. */
  readonly deleted: string;
  readonly destroyed: string;
}

const MOST = 99_999_999;

/** The options with their defaults. */
export const vaultOptions: OptionTable<VaultOptions> = (option) => ({
  engine: option('engine', oneOf(['kv-v1', 'kv-v2']), 'kv-v2'),
  mount: option('mount', anyText, 'secret'),
  'mount-in': option('mount-in', oneOf(['setting', 'path']), 'setting'),
  'auth-path': option('auth-path', anyText, 'jwt'),
  role: option('role', anyText, ''),
  'role-type': option('role-type', oneOf(['jwt', 'oidc']), 'jwt'),
  namespace: option('namespace', anyText, ''),
  'auth-in': option('auth-in', oneOf(['namespace', 'root']), 'namespace'),
  'token-lifetime': option('token-lifetime', wholeNumber(0, MOST), 3600),
  'num-uses': option('num-uses', wholeNumber(0, MOST), 0),
  'token-type': option('token-type', oneOf(['service', 'batch']), 'service'),
  mfa: option('mfa', oneOf(['off', 'on']), 'off'),
  'wrapped-login': option('wrapped-login', oneOf(['off', 'on']), 'off'),
  'inline-auth': option('inline-auth', oneOf(['on', 'off']), 'on'),
  mounts: option('mounts', oneOf(['told', 'denied', 'unknown', 'no-options']), 'told'),
  stale: option('stale', oneOf(['named', 'unnamed']), 'named'),
  consistency: option('consistency', oneOf(['strict', 'eventual']), 'strict'),
  audiences: option('audiences', oneOf(['bound', 'vault', 'openbao']), 'bound'),
  'control-group': option('control-group', anyText, ''),
  deleted: option('deleted', anyText, ''),
  destroyed: option('destroyed', anyText, ''),
});

/** Those that were given. Throws USAGE for one that is not known or a value that it does not take. */
export function readOptions(given: ReadonlyMap<string, string>): VaultOptions {
  return readServerOptions('Vault', vaultOptions, given);
}
