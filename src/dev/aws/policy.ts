import { type Json, jsonIn, type JsonObject, member, textMember } from '../../lib/json.ts';
import { commandLines } from '../frame/command-lines.ts';
import { policyFault, refuseOthers, theDocument } from '../frame/policy-file.ts';
import type { LoadedPolicy, PolicyText } from '../types.ts';
import type { AwsOptions } from './options.ts';

const TRUST = 'trust-policy.json';
const PERMISSIONS = 'permissions.json';
const PROVIDER = 'provider.sh';

/** An identity provider, a role's trust policy and what the role may read. Throws CONFIG_INVALID. */
export function readAwsPolicy(documents: readonly PolicyText[], options: AwsOptions): LoadedPolicy {
  refuseOthers(documents, [TRUST, PERMISSIONS, PROVIDER]);
  const { url, audience } = providerIn(theDocument(documents, PROVIDER));
  const account = options.role.split(':')[4] ?? '';
  const subject = subjectIn(theDocument(documents, TRUST), { url, audience, account });
  const found = documents.find(({ name }) => name === PERMISSIONS);
  const readable = found === undefined ? undefined : resourcesIn(found);
  const arns = (path: string): string[] => [
    `arn:aws:secretsmanager:${options.region}:${account}:secret:${path}-AbC123`,
    `arn:aws:ssm:${options.region}:${account}:parameter/${path}`,
  ];
  return {
    issuer: url,
    audience,
    boundClaims: { sub: subject },
    ...(readable && {
      mayRead: (path: string) => arns(path).some((arn) => readable.some((pattern) => pattern.test(arn))),
    }),
    facts: {},
  };
}

function providerIn(document: PolicyText): { readonly url: string; readonly audience: string } {
  const [words = [], ...more] = commandLines(document);
  const [url = '', flag, audience = '', ...others] = words.slice(4);
  const start = words.slice(0, 4).join(' ');
  const isRight = start === 'aws iam create-open-id-connect-provider --url' && flag === '--client-id-list';
  if (!isRight || more.length + others.length > 0 || audience === '' || !url.startsWith('https://')) {
    throw policyFault(document.name, 'it does not make an identity provider');
  }
  return { url, audience };
}

interface Provider {
  readonly url: string;
  readonly audience: string;
  readonly account: string;
}

/** Exactly one statement, for that provider, with both claims compared letter by letter. */
function subjectIn(document: PolicyText, { url, audience, account }: Provider): string {
  const [statement, ...more] = statementsIn(document);
  const host = url.slice('https://'.length);
  const federated = textMember(member(statement, 'Principal'), 'Federated');
  if (more.length > 0 || textMember(statement, 'Action') !== 'sts:AssumeRoleWithWebIdentity') {
    throw policyFault(document.name, 'it trusts nobody with a web identity');
  }
  if (federated !== `arn:aws:iam::${account}:oidc-provider/${host}`) {
    throw policyFault(document.name, 'Invalid principal in policy');
  }
  const condition = member(statement, 'Condition');
  const equals = member(condition, 'StringEquals');
  const keys = equals?.kind === 'object' ? [...equals.members.keys()].toSorted().join(' ') : '';
  if (condition?.kind !== 'object' || condition.members.size !== 1 || keys !== `${host}:aud ${host}:sub`) {
    throw policyFault(document.name, 'its condition is not about aud and sub of that provider');
  }
  const [aud, sub] = ['aud', 'sub'].map((name) => withoutVariables(textMember(equals, `${host}:${name}`), document));
  if (aud !== audience || sub === undefined) throw policyFault(document.name, 'its audience is none of the provider');
  return sub;
}

/** The three special characters; any other variable would not be what it looks like. */
function withoutVariables(text: string | undefined, { name }: PolicyText): string {
  return (text ?? '').replaceAll(/\$\{(?<what>[^}]*)\}?/g, (_, what: string) => {
    if (!['$', '*', '?'].includes(what)) throw policyFault(name, 'a value holds a policy variable');
    return what;
  });
}

const READS = new Set(['secretsmanager:GetSecretValue', 'ssm:GetParameters', 'ssm:GetParametersByPath']);

/** What may be read, as patterns of ARNs. */
function resourcesIn(document: PolicyText): readonly RegExp[] {
  return statementsIn(document)
    .filter((statement) => textsIn(member(statement, 'Action')).some((action) => READS.has(action)))
    .flatMap((statement) => textsIn(member(statement, 'Resource')))
    .map((resource) => {
      const escaped = resource.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
      return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
    });
}

function statementsIn({ name, text }: PolicyText): readonly JsonObject[] {
  const json = jsonIn(Buffer.from(text));
  const statements = member(json, 'Statement');
  if (textMember(json, 'Version') !== '2012-10-17' || statements?.kind !== 'array') {
    throw policyFault(name, 'it is no policy document');
  }
  return statements.items.map((item) => {
    if (item.kind !== 'object' || textMember(item, 'Effect') !== 'Allow')
      throw policyFault(name, 'a statement allows nothing');
    return item;
  });
}

function textsIn(json: Json | undefined): readonly string[] {
  return json?.kind === 'array' ? json.items.flatMap((item) => (item.kind === 'string' ? [item.value] : [])) : [];
}
