import type { BindableClaim } from '../../lib/bindable-claims.ts';
import { audienceOf, chooseClaims, type ChosenClaims, impossible, issuerOf, notText } from '../../lib/choose-claims.ts';
import { literal, shellWord } from '../../lib/literal.ts';
import type { Policy, PolicyDocument, PolicyRequest } from '../types.ts';
import type { Edition } from './settings.ts';
import type { Site } from './site.ts';
import { variablesOf as variablesBehind } from './variables.ts';

const TITLE = 'Conjur';

/** Claims that may not be annotated (conjur-vault.md, 1.8). */
const STANDARD = new Set(['iss', 'exp', 'nbf', 'iat', 'jti', 'aud']);

/** Claim names that the server takes: paths of segments. */
const CLAIM_NAME = /^[A-Za-z$_][A-Za-z0-9$_.-]*(?:\/[A-Za-z$_][A-Za-z0-9$_.-]*)*$/;

/** An authenticator with its variables, the job's host with its annotations, and what it may read (conjur-vault.md, 1.8). */
export function conjurPolicy(site: Site, edition: Edition, request: PolicyRequest): Policy {
  const { claims } = request.subjectToken;
  const chosen = chooseClaims(claims, request.wish, {
    title: TITLE,
    refusal: unmatchable,
    refusalOfIdentity: ({ value }) => (site.hostId === undefined ? unfitForId(value) : undefined),
  });
  const host = hostOf(site, edition, chosen);
  const variables = variablesOf(request, chosen, host);
  const branches = edition === 'saas' || edition === 'edge';
  const ids = [...new Set(variablesBehind(request.refs, site.account).map(({ id }) => id))];
  const parts = { site, host, variables, chosen, ids };
  const documents = branches ? saasDocuments(parts) : [wholeDocument(parts)];
  return {
    documents: [...documents, variableDocument(site, variables)],
    notes: [...chosen.notes, ...notesFor(site, chosen, ids)],
  };
}

function unmatchable(claim: BindableClaim): string | undefined {
  if (STANDARD.has(claim.name)) return 'may not be annotated';
  if (!CLAIM_NAME.test(claim.name)) return 'has a name that the server refuses';
  return notText(claim);
}

/** It becomes a part of the host's id. */
function unfitForId(value: string): string | undefined {
  if (/\p{Cc}/u.test(value)) return 'has control characters, which no id has';
  return /[^/]/.test(value) ? undefined : 'has nothing that an id could be made of';
}

/** The job's host. */
interface Host {
  /** Branch of policy that it is in, without slashes at the ends. */
  readonly branch: string;
  /** Inside of it. */
  readonly id: string;
  /** Whether a claim of the token names it; else the URL of the login does. */
  readonly isFromClaim: boolean;
  readonly annotations: readonly (readonly [claim: string, value: string])[];
}

function hostOf({ hostId }: Site, edition: Edition, { identity, claims }: ChosenClaims): Host {
  const texts = claims.flatMap(({ name, value }) => (value.kind === 'string' ? [[name, value.value] as const] : []));
  const own = [identity.name, identity.value] as const;
  if (hostId === undefined) {
    const branch = edition === 'saas' || edition === 'edge' ? 'data/ci' : 'ci';
    // What the server joins with single slashes loses those in front.
    const id = identity.value.replace(/^\/+/, '');
    return { branch, id, isFromClaim: true, annotations: texts.length === 0 ? [own] : texts };
  }
  const [kind, ...path] = hostId.split('/');
  const id = path.pop();
  if (kind !== 'host' || id === undefined || id === '') {
    throw impossible('host-id must be host/… for a policy: a user is none of a job');
  }
  return { branch: path.join('/'), id, isFromClaim: false, annotations: [own, ...texts] };
}

type Variables = readonly (readonly [name: string, value: string])[];

/** Only those that get a value: one that is declared and unset is an error. */
function variablesOf({ subjectToken, audience }: PolicyRequest, chosen: ChosenClaims, host: Host): Variables {
  const { claims } = subjectToken;
  const issuer = issuerOf(claims).exact;
  const enforced = host.annotations.map(([name]) => name);
  return [
    ['provider-uri', issuer],
    ['issuer', issuer],
    ...(claims.aud.length === 0 ? [] : [['audience', audienceOf(claims, audience, TITLE)] as const]),
    ...(host.isFromClaim
      ? ([
          ['token-app-property', chosen.identity.name],
          ['identity-path', host.branch],
        ] as const)
      : []),
    ['enforced-claims', enforced.join(',')],
  ];
}

interface Parts {
  readonly site: Site;
  readonly host: Host;
  readonly variables: Variables;
  readonly chosen: ChosenClaims;
  /** Of the secrets that the job may read, without account and kind. */
  readonly ids: readonly string[];
}

/** Self-hosted: all of it below the root. */
function wholeDocument({ site, host, variables, ids }: Parts): PolicyDocument {
  const authenticator = `conjur/authn-jwt/${site.serviceId}`;
  const member = [host.branch, host.id].filter((part) => part !== '').join('/');
  const lines = [
    ...authenticatorLines(authenticator, variables),
    '',
    ...hostLines(site, host, host.branch),
    '',
    '- !grant',
    `  role: !group ${literal(`${authenticator}/apps`)}`,
    `  member: !host ${literal(member)}`,
    ...permitLines(member, ids, ''),
  ];
  return document('conjur-policy.yml', 'root', lines);
}

/** SaaS and Edge: each branch has its own administrators. */
function saasDocuments({ site, host, variables, ids }: Parts): readonly PolicyDocument[] {
  const outside = host.branch.replace(/^data(?:\/|$)/, '');
  if (host.branch !== 'data' && !host.branch.startsWith('data/')) {
    throw impossible('host-id must be host/data/… here: workloads are below the branch "data"');
  }
  const inside = [outside, host.id].filter((part) => part !== '').join('/');
  return [
    document('conjur-authenticator.yml', 'conjur/authn-jwt', authenticatorLines(site.serviceId, variables)),
    document('conjur-hosts.yml', 'data', [...hostLines(site, host, outside), ...permitLines(inside, ids, 'data/')]),
    document('conjur-grant.yml', `conjur/authn-jwt/${site.serviceId}`, [
      '- !grant',
      '  role: !group apps',
      `  member: !host ${literal(`/${host.branch}/${host.id}`)}`,
    ]),
  ];
}

function document(name: string, place: string, lines: readonly string[]): PolicyDocument {
  return {
    name,
    place,
    use: `conjur policy load -b ${shellWord(place, 'the branch')} -f ${name}`,
    text: `${lines.join('\n')}\n`,
  };
}

function authenticatorLines(id: string, variables: Variables): readonly string[] {
  return [
    '- !policy',
    `  id: ${literal(id)}`,
    '  body:',
    '    - !webservice',
    ...variables.map(([name]) => `    - !variable ${name}`),
    '    - !group apps',
    '    - !permit',
    '      role: !group apps',
    '      privilege: [ read, authenticate ]',
    '      resource: !webservice',
    '    - !webservice status',
    '    - !group operators',
    '    - !permit',
    '      role: !group operators',
    '      privilege: [ read ]',
    '      resource: !webservice status',
  ];
}

function hostLines({ serviceId }: Site, { id, annotations }: Host, branch: string): readonly string[] {
  const host = [
    '- !host',
    `  id: ${literal(id)}`,
    '  annotations:',
    ...annotations.map(([claim, value]) => `    ${literal(`authn-jwt/${serviceId}/${claim}`)}: ${literal(value)}`),
  ];
  if (branch === '') return host;
  return ['- !policy', `  id: ${literal(branch)}`, '  body:', ...host.map((line) => `    ${line}`)];
}

/** `below` is the branch that the document is loaded into: ids in it are relative to that. */
function permitLines(member: string, ids: readonly string[], below: string): readonly string[] {
  const resources = ids.map((path) => {
    const id = path.startsWith(below) ? path.slice(below.length) : `/${path}`;
    return `    - !variable ${literal(id)}`;
  });
  if (resources.length === 0) return [];
  return [
    '',
    '- !permit',
    `  role: !host ${literal(member)}`,
    '  privileges: [ read, execute ]',
    '  resources:',
    ...resources,
  ];
}

function variableDocument({ serviceId }: Site, variables: Variables): PolicyDocument {
  const lines = variables.map(([name, value]) => {
    const id = shellWord(`conjur/authn-jwt/${serviceId}/${name}`, 'the service id');
    return `conjur variable set -i ${id} -v ${shellWord(value, `the value of ${name}`)}`;
  });
  const enable = `conjur authenticator enable --id ${shellWord(`authn-jwt/${serviceId}`, 'the service id')}`;
  const use = 'run these after the policy: they set the variables of the authenticator and enable it';
  return { name: 'conjur-variables.sh', use, text: `${[...lines, enable].join('\n')}\n` };
}

function notesFor({ hostId, serviceId }: Site, { identity }: ChosenClaims, ids: readonly string[]): string[] {
  const notes = [
    `where the authenticator authn-jwt/${serviceId} exists, load only the host and the grant, and leave its variables alone; enforced-claims is asked of each of its hosts`,
    'provider-uri has Conjur look for the keys by discovery; where it cannot reach the issuer, public-keys (with issuer) takes them as text',
  ];
  if (hostId === undefined && (identity.value.includes('//') || /^\/|\/$/.test(identity.value))) {
    notes.push(
      `the value of ${identity.name} has slashes that an id may lose: with host-id, the host may be called anything`,
    );
  }
  if (ids.length > 0) notes.push('the variables that it permits must exist already');
  if (ids.some((id) => id.startsWith('data/vault/'))) {
    notes.push(
      'variables of a safe (data/vault/SAFE/…): grant !group data/vault/SAFE/delegation/consumers to the host instead',
    );
  }
  return notes;
}
