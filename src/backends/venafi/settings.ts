import { endpoint, oneOf, secretText } from '../../lib/parsers.ts';
import { type Parser, SettingFault, settingRows, type SettingValues } from '../../lib/settings.ts';
import { FIELDS } from './fields.ts';

/** The product's editions; their own clients have several words for the older one. */
const platform: Parser<'saas' | 'ngts'> = {
  takes: 'saas (also vaas, vcp, tlspc) or ngts',
  schema: { type: 'string', enum: ['saas', 'vaas', 'vcp', 'tlspc', 'ngts'] },
  parse(input) {
    const word = input.toLowerCase();
    if (word === 'ngts') return 'ngts';
    if (['saas', 'vaas', 'vcp', 'tlspc'].includes(word)) return 'saas';
    if (['tpp', 'firefly', 'oidc'].includes(word)) {
      throw new SettingFault(`${platform.takes}; a server of one's own (${word}) is not talked to`);
    }
    throw new SettingFault(platform.takes);
  },
};

/** One segment of the token URL. */
const tenant: Parser<string> = {
  takes: 'the tenant that the token URL has: letters, digits and dashes',
  schema: { type: 'string', pattern: '^[A-Za-z0-9-]{1,64}$' },
  parse(input) {
    if (!/^[A-Za-z0-9-]{1,64}$/.test(input)) throw new SettingFault(tenant.takes);
    return input;
  },
};

/** Settings of one tenant, with the variables of the product's own client (pam-cloud.md, 3.4). */
export const settings = settingRows({
  'token-url': {
    parser: endpoint,
    variables: ['VCERT_TOKEN_URL'],
    help: 'token URL that the built-in account shows; the ID token goes there',
  },
  tenant: {
    parser: tenant,
    help: 'tenant, in place of token-url: the token URL is then /v1/oauth2/v2.0/TENANT/token at url',
  },
  platform: {
    parser: platform,
    default: 'saas',
    variables: ['VCERT_PLATFORM'],
    help: 'edition, for the default of url: saas (Certificate Manager) or ngts (Next-Gen Trust Security)',
  },
  region: {
    parser: oneOf(['us', 'eu', 'au', 'uk', 'sg', 'ca']),
    default: 'us',
    help: 'region of Certificate Manager SaaS, for the default of url',
  },
  field: {
    parser: oneOf(FIELDS),
    default: 'bundle',
    help: 'what a reference without #field brings; bundle is the private key and all certificates in one PEM',
  },
  'chain-order': {
    parser: oneOf(['leaf-first', 'root-first']),
    default: 'leaf-first',
    help: 'order of the certificates in chain, fullchain and bundle',
  },
  'pkcs12-passphrase': {
    parser: secretText,
    help: 'passphrase of #pkcs12; without it, none is made',
  },
});

/** What the rows say, parsed. */
export type VenafiValues = SettingValues<typeof settings>;

/** Name of the token endpoint among the services. */
export const TOKEN_SERVICE = 'token';
