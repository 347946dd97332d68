import { listOf, oneOf, onOff, secretText, text } from '../../lib/parsers.ts';
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

const WRAP_TAKES = 'a time such as 60s, 5m or 1h30m, or seconds (at most 32 days)';
const MOST_WRAP_SECONDS = 32 * 86_400;

/** Seconds, as the product's own clients take them: plain, or a duration of hours, minutes and seconds. */
const wrapSeconds: Parser<number> = {
  takes: WRAP_TAKES,
  schema: {
    type: ['integer', 'string'],
    minimum: 1,
    pattern: '^(\\d{1,7}|(\\d{1,3}h)?(\\d{1,5}m)?(\\d{1,7}s)?)$',
    minLength: 1,
  },
  parse(input) {
    const parts = /^(?:(?<plain>\d{1,7})|(?:(?<h>\d{1,3})h)?(?:(?<m>\d{1,5})m)?(?:(?<s>\d{1,7})s)?)$/.exec(
      input,
    )?.groups;
    const [plain = 0, hours = 0, minutes = 0, seconds = 0] = ['plain', 'h', 'm', 's'].map((name) =>
      Number(parts?.[name] ?? 0),
    );
    const all = plain + hours * 3600 + minutes * 60 + seconds;
    if (!(all >= 1 && all <= MOST_WRAP_SECONDS)) throw new SettingFault(WRAP_TAKES);
    return all;
  },
  show: (value) => `${value}s`,
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
    help: 'the access token is never revoked, so that dynamic secrets live on until their leases end',
  },
  'inline-auth': {
    parser: onOff,
    default: false,
    help: 'each read carries the ID token, no access token is made (OpenBao 2.4; other servers are logged in to)',
  },
  'wrap-for': {
    parser: wrapSeconds,
    variables: ['BAO_WRAP_TTL', 'VAULT_WRAP_TTL'],
    help: 'what is read stays wrapped, and its value is a wrapping token that can be used once within this time',
  },
  'wrapping-token': {
    parser: secretText,
    help: 'a wrapping token; the reference sys/wrapping/unwrap brings what is wrapped in it',
  },
  'wrapped-path': {
    parser: mountPath,
    help: 'path of the API that wrapping-token must have been made at, such as secret/data/app',
  },
});

/** What the rows say, parsed. */
export type VaultValues = SettingValues<typeof settings>;
