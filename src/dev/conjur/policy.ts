import { commandLines } from '../frame/command-lines.ts';
import { policyFault, theDocument } from '../frame/policy-file.ts';
import type { LoadedPolicy, PolicyText } from '../types.ts';
import { emptyModel, loadPolicyText, type PolicyModel } from './policy-tree.ts';

const VARIABLES = 'conjur-variables.sh';
const STANDARD = new Set(['iss', 'exp', 'nbf', 'iat', 'jti', 'aud']);
const CLAIM_NAME = /^[A-Za-z$_][\w$.-]*(?:\/[A-Za-z$_][\w$.-]*)*$/;

/** One authenticator, one host of it, and what that may read (conjur-vault.md, 1.8). Throws CONFIG_INVALID. */
export function readConjurPolicy(documents: readonly PolicyText[]): LoadedPolicy {
  const model = emptyModel();
  for (const one of documents) if (one.name !== VARIABLES) loadPolicyText(one, model);
  const serviceId = serviceOf(model);
  const authenticator = `conjur/authn-jwt/${serviceId}`;
  const values = valuesOf(theDocument(documents, VARIABLES), model, authenticator);
  const [host, ...more] = [...model.hosts];
  if (host === undefined || more.length > 0) throw policyFault('the policy', 'there must be one host');
  const [id, annotations] = host;
  const identityPath = values.get('identity-path');
  const property = values.get('token-app-property');
  return {
    issuer: values.get('issuer') ?? '',
    audience: values.get('audience') ?? '',
    boundClaims: boundClaims(annotations, serviceId, values.get('enforced-claims')),
    mayRead: (path) => model.permits.has(`host:${id}\nexecute\nvariable:${path}`),
    facts: {
      'service-id': serviceId,
      host: `host/${id}`,
      member: isMember(model, authenticator, id) ? 'yes' : 'no',
      ...(property !== undefined && { 'token-app-property': property }),
      ...(identityPath !== undefined && { 'identity-path': identityPath }),
    },
  };
}

function serviceOf({ webservices }: PolicyModel): string {
  const found = [...webservices].flatMap((id) => /^conjur\/authn-jwt\/([^/]+)$/.exec(id)?.[1] ?? []);
  const [serviceId, ...more] = found;
  if (serviceId === undefined || more.length > 0) throw policyFault('the policy', 'there must be one authenticator');
  return serviceId;
}

/** What the lines set; each of the authenticator's variables must get a value, and only those can. */
function valuesOf(
  document: PolicyText,
  { variables }: PolicyModel,
  authenticator: string,
): ReadonlyMap<string, string> {
  const lines = commandLines(document);
  const [enabling, setting] = [lines.filter(isEnabling), lines.filter((words) => !isEnabling(words))];
  if (!enabling.some((words) => `conjur/${words[4]}` === authenticator)) {
    throw policyFault(document.name, 'CONJ00004E the authenticator is not enabled');
  }
  const values = new Map(setting.map((words) => settingIn(words, document, variables)));
  if ([...variables].some((id) => !values.has(id))) {
    throw policyFault(document.name, 'CONJ00037E a variable is declared and has no value');
  }
  const own = new Map([...values].map(([id, value]) => [id.slice(authenticator.length + 1), value]));
  if (['jwks-uri', 'provider-uri', 'public-keys'].filter((name) => own.has(name)).length !== 1) {
    throw policyFault(document.name, 'CONJ00122E there must be one source of keys');
  }
  return own;
}

function isEnabling(words: readonly string[]): boolean {
  return words.slice(0, 4).join(' ') === 'conjur authenticator enable --id' && words.length === 5;
}

function settingIn(
  words: readonly string[],
  { name }: PolicyText,
  variables: ReadonlySet<string>,
): readonly [id: string, value: string] {
  const [id = '', flag, value = ''] = words.slice(4);
  if (words.slice(0, 4).join(' ') !== 'conjur variable set -i' || flag !== '-v' || words.length !== 7) {
    throw policyFault(name, 'a line is no command that is known');
  }
  if (!variables.has(id) || value === '')
    throw policyFault(name, 'what it sets is no variable of the policy, or to nothing');
  return [id, value];
}

/** Annotations of this authenticator; all others count for nothing. */
function boundClaims(
  annotations: ReadonlyMap<string, string>,
  serviceId: string,
  enforced: string | undefined,
): Readonly<Record<string, string>> {
  const prefix = `authn-jwt/${serviceId}/`;
  const bound = [...annotations].flatMap(([key, value]) => {
    return key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [];
  });
  const bad = bound.find(([name]) => STANDARD.has(name) || !CLAIM_NAME.test(name));
  if (bad !== undefined) throw policyFault('the policy', 'CONJ00104E a claim may not be annotated');
  const names = new Set(bound.map(([name]) => name));
  const absent = enforced?.split(',').find((name) => !names.has(name));
  if (absent !== undefined) throw policyFault('the policy', 'CONJ00057E an enforced claim is not annotated');
  return Object.fromEntries(bound);
}

function isMember({ grants, permits }: PolicyModel, authenticator: string, host: string): boolean {
  const groups = [...permits].flatMap((permit) => {
    const [role = '', privilege, resource] = permit.split('\n');
    return privilege === 'authenticate' && resource === `webservice:${authenticator}` ? [role] : [];
  });
  return groups.some((group) => grants.has(`${group}\nhost:${host}`));
}
