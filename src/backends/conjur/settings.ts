import { type Parser, SettingFault, settingRows, type SettingValues } from '../../lib/settings.ts';

/** The variants of the product that differ on the wire (conjur-vault.md, 1.1). */
export type Edition = 'oss' | 'self-hosted' | 'saas' | 'edge';

/** How several secrets are asked for at once: what suits the edition, one of the two batch reads first, or one by one. */
export type BatchMode = 'auto' | 'v1' | 'v2' | 'off';

/** One path segment that the server's routes take undivided: no slash, no control character. */
function segment(takes: string): Parser<string> {
  return {
    takes,
    schema: { type: 'string', minLength: 1, pattern: '^[^/\\u0000-\\u001f\\u007f]+$' },
    parse(input) {
      if (!/^[^/\p{Cc}\p{Cs}]+$/u.test(input) || /^\.{1,2}$/.test(input)) throw new SettingFault(takes);
      return input;
    },
  };
}

/** A role's login as the exchange URL has it. */
const login: Parser<string> = {
  takes: 'a login such as host/data/ci/my-app',
  schema: { type: 'string', minLength: 1, pattern: '^[^\\u0000-\\u001f\\u007f]+$' },
  parse(input) {
    if (!/^[^\p{Cc}\p{Cs}]+$/u.test(input) || /^\.{1,2}$/.test(input)) throw new SettingFault(login.takes);
    return input;
  },
};

/** Names of the editions as the vendor's own clients take them, lower-case. */
const EDITIONS: Readonly<Record<string, Edition>> = {
  oss: 'oss',
  'open-source': 'oss',
  'self-hosted': 'self-hosted',
  enterprise: 'self-hosted',
  ce: 'self-hosted',
  saas: 'saas',
  cloud: 'saas',
  cc: 'saas',
  edge: 'edge',
};

const edition: Parser<Edition> = {
  takes: 'one of oss, self-hosted, saas, edge (or open-source, enterprise, CE, cloud, CC)',
  schema: { enum: [...Object.keys(EDITIONS), 'OSS', 'CE', 'CC'] },
  parse(input) {
    const word = input.toLowerCase();
    const found = Object.hasOwn(EDITIONS, word) ? EDITIONS[word] : undefined;
    if (found === undefined) throw new SettingFault(edition.takes, Object.keys(EDITIONS));
    return found;
  },
};

const BATCH_MODES: readonly BatchMode[] = ['auto', 'v1', 'v2', 'off'];

const batchMode: Parser<BatchMode> = {
  takes: 'one of auto, v1, v2, off',
  schema: { enum: BATCH_MODES },
  parse(input) {
    const found = BATCH_MODES.find((mode) => mode === input);
    if (found === undefined) throw new SettingFault(batchMode.takes, BATCH_MODES);
    return found;
  },
};

/** What can be configured about one Conjur, with the variables that its own clients use (conjur-vault.md, 1.10). */
export const CONJUR_SETTINGS = settingRows({
  account: {
    parser: segment('the name of an account, such as prod, without slashes'),
    variables: ['CONJUR_ACCOUNT'],
    help: 'account that holds the secrets; always conjur on SaaS and Edge',
  },
  'service-id': {
    parser: segment('one name without slashes, such as gitlab (without "authn-jwt/")'),
    variables: ['CONJUR_AUTHN_JWT_SERVICE_ID', 'CONJUR_SERVICE_ID'],
    help: 'service id of the JWT authenticator, such as gitlab for authn-jwt/gitlab',
  },
  'host-id': {
    parser: login,
    variables: ['CONJUR_AUTHN_JWT_HOST_ID'],
    help: 'login of the job, such as host/data/ci/app; only for an authenticator without token-app-property',
  },
  edition: {
    parser: edition,
    variables: ['CONJUR_ENVIRONMENT'],
    help: 'oss, self-hosted, saas or edge; without it, saas is told by the host name',
  },
  batch: {
    parser: batchMode,
    default: 'auto',
    help: 'how several secrets are read at once: auto, v1, v2 or off (one by one)',
  },
});

/** The rows, each with its own type. */
export type ConjurSettings = typeof CONJUR_SETTINGS;
/** What they say, parsed. */
export type ConjurValues = SettingValues<ConjurSettings>;
