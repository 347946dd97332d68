import { listOf, oneOf, onOff, text } from '../../lib/parsers.ts';
import { type Parser, SettingFault, settingRows, type SettingValues } from '../../lib/settings.ts';

/** Segments of a path of the API; the slashes at either end, which the product's own tools allow, are dropped. */
const mountPath: Parser<string> = {
  takes: 'a path such as jwt or team/jwt, without empty, "." or ".." parts',
  schema: { type: 'string', minLength: 1, pattern: '^[^\\u0000-\\u001f\\u007f]+$' },
  parse(input) {
    const path = input.replaceAll(/^\/+|\/+$/g, '');
    if (!/^[^/\p{Cc}\p{Cs}]+(?:\/[^/\p{Cc}\p{Cs}]+)*$/u.test(path) || /(?:^|\/)\.{1,2}(?:\/|$)/.test(path)) {
      throw new SettingFault(mountPath.takes);
    }
    return path;
  },
};

/** It travels in a header, where nothing is encoded. */
const namespace: Parser<string> = {
  takes: 'a namespace such as admin/team, in visible ASCII characters',
  schema: { type: 'string', minLength: 1, pattern: '^[!-~]+$' },
  parse(input) {
    if (!/^[!-~]+$/.test(input)) throw new SettingFault(namespace.takes);
    return mountPath.parse(input);
  },
};

/** Where the JWT method is mounted. People copy it with the `auth/` that stands in front of every such mount. */
const authPath: Parser<string> = {
  takes: 'the mount of the JWT method, such as jwt or gitlab/prod (without "auth/" in front)',
  schema: mountPath.schema,
  parse(input) {
    const path = mountPath.parse(input);
    if (path.startsWith('auth/')) throw new SettingFault(authPath.takes);
    return path;
  },
};

/** Settings of one Vault or OpenBao, with the variables of their own clients and of GitLab (conjur-vault.md, 3.10, 3.11). */
export const settings = settingRows({
  'auth-path': {
    parser: authPath,
    default: 'jwt',
    variables: ['VAULT_AUTH_PATH'],
    help: 'where the JWT method is mounted, without "auth/"',
  },
  role: {
    parser: text,
    variables: ['VAULT_AUTH_ROLE'],
    help: "role to log in with (default: the mount's default_role)",
  },
  namespace: {
    parser: namespace,
    variables: ['BAO_NAMESPACE', 'VAULT_NAMESPACE'],
    help: 'namespace of the login and of the secrets',
  },
  'namespace-in': {
    parser: oneOf(['header', 'path']),
    default: 'header',
    help: 'how the namespace is sent: header (X-Vault-Namespace), or path where a proxy drops the header',
  },
  mount: {
    parser: mountPath,
    help: 'mount of the secrets engine that paths are relative to; without it, a path begins with its mount',
  },
  engine: {
    parser: oneOf(['auto', 'kv-v1', 'kv-v2', 'other']),
    default: 'auto',
    help: 'kind of that engine: auto (the server is asked once a mount), kv-v1, kv-v2, or other (paths as they are)',
  },
  field: {
    parser: text,
    help: 'field that a reference without #field means (default: value; without one, the whole secret as JSON)',
  },
  'binary-fields': {
    parser: listOf(text),
    help: 'fields whose text is base64, as binary values have to be kept; they are decoded',
  },
  references: {
    parser: oneOf(['vault', 'gitlab']),
    default: 'vault',
    help: 'how a path is read: vault (path#field), or gitlab (path/field@mount, mount kv-v2 if not given)',
  },
  'keep-leases': {
    parser: onOff,
    default: false,
    help: 'logout does not revoke the access token, so that dynamic secrets live on until their leases end',
  },
});

/** What the rows say, parsed. */
export type VaultValues = SettingValues<typeof settings>;
