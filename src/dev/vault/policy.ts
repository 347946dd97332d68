import { type Json, jsonIn, type JsonObject, member, textMember } from '../../lib/json.ts';
import { policyFault, refuseOthers, theDocument } from '../frame/policy-file.ts';
import type { BoundValue, LoadedPolicy, PolicyText } from '../types.ts';
import type { VaultOptions } from './options.ts';

const KNOWN = ['config.json', 'role.json', 'policy.hcl'];

/** Fields of a role that this server goes by, and three that say how long its tokens live. */
const ROLE_FIELDS = new Set([
  ...['role_type', 'user_claim', 'bound_audiences', 'bound_claims_type', 'bound_claims'],
  ...['token_policies', 'token_type', 'token_explicit_max_ttl'],
]);

/** The method's configuration, one role, and the policy that it names (conjur-vault.md, 3.3). Throws CONFIG_INVALID. */
export function readVaultPolicy(documents: readonly PolicyText[], options: VaultOptions): LoadedPolicy {
  refuseOthers(documents, KNOWN);
  const config = theDocument(documents, 'config.json');
  const role = theDocument(documents, 'role.json');
  const policy = theDocument(documents, 'policy.hcl');
  const fields = objectOf(role);
  checkRole(fields, role.name);
  const policies = textsOf(member(fields, 'token_policies'));
  const allowed = policies?.includes(policy.place ?? '') === true ? allowedPaths(policy) : [];
  const kind = options.engine === 'kv-v1' ? '' : 'data/';
  const settings = objectOf(config);
  const defaultRole = textMember(settings, 'default_role');
  return {
    issuer: issuerIn(settings, config.name),
    audience: audienceIn(fields),
    boundClaims: boundIn(member(fields, 'bound_claims'), role.name),
    mayRead: (path) => allowed.some((pattern) => pattern.test(`${options.mount}/${kind}${path}`)),
    facts: {
      role: (role.place ?? '').toLowerCase(),
      'user-claim': textMember(fields, 'user_claim') ?? '',
      ...(defaultRole !== undefined && { 'default-role': defaultRole }),
    },
  };
}

/** Without one, a token that names any audience is refused. */
function audienceIn(role: JsonObject): string {
  return textsOf(member(role, 'bound_audiences'))?.[0] ?? '';
}

function issuerIn(config: JsonObject, document: string): string {
  const [discovery, issuer] = ['oidc_discovery_url', 'bound_issuer'].map((key) => textMember(config, key));
  if (discovery === undefined || discovery.includes('.well-known'))
    throw policyFault(document, 'it has no source of keys');
  if (issuer !== undefined && issuer !== discovery) throw policyFault(document, 'the discovered issuer is another one');
  return discovery;
}

function checkRole(role: JsonObject, document: string): void {
  const other = [...role.members.keys()].find((key) => !ROLE_FIELDS.has(key));
  if (other !== undefined || role.repeated.size > 0) throw policyFault(document, 'it has a field that is not known');
  if (textMember(role, 'role_type') !== 'jwt') {
    throw policyFault(document, "'allowed_redirect_uris' must be set if 'role_type' is 'oidc' or unspecified.");
  }
  if (textMember(role, 'user_claim') === undefined)
    throw policyFault(document, 'a user claim must be defined on the role');
  if ((textMember(role, 'bound_claims_type') ?? 'string') !== 'string') {
    throw policyFault(document, 'globs are not read here');
  }
}

/** Each value with its type; a list would mean any of its members. */
function boundIn(bound: Json | undefined, document: string): Readonly<Record<string, BoundValue>> {
  if (bound?.kind !== 'object' || bound.members.size === 0) {
    throw policyFault(document, 'must have at least one bound constraint when creating/updating a role');
  }
  const entries = [...bound.members].map(([name, value]) => {
    const found = name.startsWith('/') ? undefined : boundValue(value);
    if (found === undefined) throw policyFault(document, 'a bound claim is no text, number, true or false');
    return [name, found] as const;
  });
  return Object.fromEntries(entries);
}

function boundValue(value: Json): BoundValue | undefined {
  if (value.kind === 'number') return Number(value.text);
  if (value.kind === 'object' || value.kind === 'array') return undefined;
  return value.value ?? undefined;
}

const BLOCK = /\s*path ("(?:[^"\\]|\\.)*") \{\s*capabilities = \[((?:"[a-z]+"(?:, )?)+)\]\s*\}\s*/y;

/** The paths that a policy lets a token read: `+` is any one segment, `*` at the end anything. */
function allowedPaths({ name, text }: PolicyText): readonly RegExp[] {
  const paths: RegExp[] = [];
  const source = text.replaceAll(/^#.*$/gm, '');
  for (BLOCK.lastIndex = 0; BLOCK.lastIndex < source.trimEnd().length;) {
    const block = BLOCK.exec(source);
    if (block === null) throw policyFault(name, 'it is not the HCL of a policy');
    const [, path = '', capabilities = ''] = block;
    if (capabilities.includes('"read"')) paths.push(patternOf(unescaped(path, name)));
  }
  return paths;
}

/** HCL has the escapes of JSON, and one more for what is beyond U+FFFF. */
function unescaped(quoted: string, document: string): string {
  const json = quoted.replaceAll(/\\U(?<point>[0-9a-f]{8})/g, (_, point: string) => {
    return String.fromCodePoint(Number.parseInt(point, 16));
  });
  const text = jsonIn(Buffer.from(json));
  if (text?.kind !== 'string' || /\{\{|\$\{/.test(text.value)) throw policyFault(document, 'a path is no plain text');
  return text.value;
}

function patternOf(path: string): RegExp {
  const segments = path.replace(/\*$/, '').split('/');
  const parts = segments.map((one) => (one === '+' ? '[^/]+' : one.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)));
  return new RegExp(`^${parts.join('/')}${path.endsWith('*') ? '' : '$'}`, 'u');
}

function objectOf({ name, text }: PolicyText): JsonObject {
  const json = jsonIn(Buffer.from(text));
  if (json?.kind !== 'object') throw policyFault(name, 'it is no JSON object');
  return json;
}

function textsOf(json: Json | undefined): readonly string[] | undefined {
  return json?.kind === 'array'
    ? json.items.flatMap((item) => (item.kind === 'string' ? [item.value] : []))
    : undefined;
}
