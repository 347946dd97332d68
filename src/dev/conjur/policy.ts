import { commandLines } from '../frame/command-lines.ts';
import { policyFault, theDocument } from '../frame/policy-file.ts';
import type { LoadedPolicy, PolicyText } from '../types.ts';
import { emptyModel, loadPolicyText, type PolicyModel } from './policy-tree.ts';

const VARIABLES = 'conjur-variables.sh';
const STANDARD = ['iss', 'exp', 'nbf', 'iat', 'jti', 'aud'];
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
  const values = new Map<string, string>();
  let isEnabled = false;
  for (const words of commandLines(document)) {
    const [program, noun, verb, flag, id = '', valueFlag, value = '', ...more] = words;
    const start = [program, noun, verb, flag].join(' ');
    if (start === 'conjur authenticator enable --id' && words.length === 5) {
      isEnabled ||= `conjur/${id}` === authenticator;
      continue;
    }
    if (start !== 'conjur variable set -i' || valueFlag !== '-v' || more.length > 0 || value === '') {
      throw policyFault(document.name, 'a line is no command that is known');
    }
    if (!variables.has(id)) throw policyFault(document.name, 'a variable is set that no policy declares');
    values.set(id.slice(authenticator.length + 1), value);
  }
  const unset = [...variables].find((id) => !values.has(id.slice(authenticator.length + 1)));
  if (unset !== undefined) throw policyFault(document.name, 'CONJ00037E a variable is declared and has no value');
  const sources = ['jwks-uri', 'provider-uri', 'public-keys'].filter((name) => values.has(name));
  if (sources.length !== 1) throw policyFault(document.name, 'CONJ00122E there must be one source of keys');
  if (!isEnabled) throw policyFault(document.name, 'CONJ00004E the authenticator is not enabled');
  return values;
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
  const bad = bound.find(([name]) => STANDARD.includes(name) || !CLAIM_NAME.test(name));
  if (bad !== undefined) throw policyFault('the policy', 'CONJ00104E a claim may not be annotated');
  const names = bound.map(([name]) => name);
  const absent = enforced?.split(',').find((name) => !names.includes(name));
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
