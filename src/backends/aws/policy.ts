import { audienceOf, chooseSubject, impossible, issuerOf } from '../../lib/choose-claims.ts';
import { printableJson, shellWord } from '../../lib/literal.ts';
import type { Policy, PolicyDocument, PolicyRequest } from '../types.ts';
import { type Wanted, wantedFrom } from './references.ts';
import type { AwsValues } from './settings.ts';

const TITLE = 'AWS';
const VERSION = '2012-10-17';

/** An identity provider, the trust policy of the role, and its right to read these secrets (pam-cloud.md, 4.1). */
export function awsPolicy(values: AwsValues, request: PolicyRequest): Policy {
  const { claims } = request.subjectToken;
  const chosen = chooseSubject(claims, request.wish, TITLE);
  const audience = audienceOf(claims, request.audience, TITLE);
  const role = /^arn:(?<partition>[^:]+):iam::(?<account>[0-9]+):role\/(?:.*\/)?(?<name>[^/]+)$/.exec(
    values['role-arn'] ?? '',
  )?.groups;
  if (role === undefined) throw impossible('role-arn must name the role that the policy is for');
  const place: Place = {
    partition: role['partition'] ?? '',
    account: role['account'] ?? '',
    region: values.region ?? '',
    role: shellWord(role['name'] ?? '', 'the role'),
  };
  const issuer = issuerOf(claims).exact;
  const provider = issuer.replace('https://', '').replace(/\/+$/, '');
  const trust = trustPolicy(place, provider, { sub: chosen.identity.value, aud: audience });
  const url = shellWord(`https://${provider}`, 'the issuer');
  const create = `aws iam create-open-id-connect-provider --url ${url} --client-id-list ${shellWord(audience, 'the audience')}`;
  return {
    documents: [
      {
        name: 'provider.sh',
        use: 'once for each issuer: makes it an identity provider of the account',
        text: `${create}\n`,
      },
      {
        name: 'trust-policy.json',
        use: `aws iam update-assume-role-policy --role-name ${place.role} --policy-document file://trust-policy.json (a new role: aws iam create-role --role-name ${place.role} --assume-role-policy-document file://trust-policy.json)`,
        text: `${printableJson(trust)}\n`,
      },
      ...permissionDocuments(wantedFrom(request.refs, values), place, values.batch === 'auto'),
    ],
    notes: [
      ...chosen.notes,
      'where the identity provider exists, aws iam add-client-id-to-open-id-connect-provider adds the audience to it',
      ...(request.refs.length === 0
        ? []
        : ['a key of your own (KMS) that encrypts a secret has to grant kms:Decrypt as well']),
    ],
  };
}

interface Place {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  /** Name of the role. */
  readonly role: string;
}

/** StringEquals takes `*` and `?` for themselves, where StringLike would take them for patterns. */
function trustPolicy(
  { partition, account }: Place,
  provider: string,
  { sub, aud }: { sub: string; aud: string },
): unknown {
  return {
    Version: VERSION,
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:${partition}:iam::${account}:oidc-provider/${provider}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { [`${provider}:aud`]: plain(aud), [`${provider}:sub`]: plain(sub) } },
      },
    ],
  };
}

/** `${` opens a variable in such a policy, and `${$}` is a dollar sign. */
function plain(text: string): string {
  return text.replaceAll('${', '${$}{');
}

function permissionDocuments(wanted: readonly Wanted[], place: Place, isBatching: boolean): readonly PolicyDocument[] {
  const secrets = [...new Set(wanted.flatMap((one) => (one.kind === 'secret' ? [secretArn(one.id, place)] : [])))];
  const parameters = wanted.flatMap((one) => (one.kind === 'parameter' ? [parameterArn(one.id, place)] : []));
  const trees = wanted.flatMap((one) => {
    const arn = one.kind === 'tree' ? parameterArn(one.path, place) : undefined;
    return arn === undefined ? [] : [arn, `${arn}/*`];
  });
  const statements = [
    ...(secrets.length > 0 ? [allow(['secretsmanager:GetSecretValue'], secrets)] : []),
    // The right to ask for several at once is not one to any secret.
    ...(secrets.length > 1 && isBatching ? [allow(['secretsmanager:BatchGetSecretValue'], ['*'])] : []),
    ...(parameters.length > 0 ? [allow(['ssm:GetParameters', 'ssm:GetParameter'], [...new Set(parameters)])] : []),
    ...(trees.length > 0 ? [allow(['ssm:GetParametersByPath'], [...new Set(trees)])] : []),
  ];
  if (statements.length === 0) return [];
  const use = `aws iam put-role-policy --role-name ${place.role} --policy-name read-secrets --policy-document file://permissions.json`;
  const text = `${printableJson({ Version: VERSION, Statement: statements })}\n`;
  return [{ name: 'permissions.json', use, text }];
}

function allow(actions: readonly string[], resources: readonly string[]): unknown {
  return { Effect: 'Allow', Action: actions, Resource: resources };
}

/** Behind the name stand a dash and six characters that AWS chooses. */
function secretArn(id: string, { partition, region, account }: Place): string {
  if (!id.startsWith('arn:')) return `arn:${partition}:secretsmanager:${region}:${account}:secret:${id}-??????`;
  return /-[A-Za-z0-9]{6}$/.test(id) ? id : `${id}-??????`;
}

function parameterArn(id: string, { partition, region, account }: Place): string {
  if (id.startsWith('arn:')) return id;
  return `arn:${partition}:ssm:${region}:${account}:parameter/${id.replace(/^\//, '')}`;
}
