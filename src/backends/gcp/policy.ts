import type { BindableClaim } from '../../lib/bindable-claims.ts';
import { audienceOf, chooseClaims, type ChosenClaims, impossible, issuerOf, notText } from '../../lib/choose-claims.ts';
import { literal, shellWord } from '../../lib/literal.ts';
import type { Policy, PolicyDocument, PolicyRequest } from '../types.ts';
import { wantedFrom } from './references.ts';
import type { Identity } from './requests.ts';
import type { GcpValues } from './settings.ts';

const TITLE = 'Google';
/** Most bytes of `google.subject`, most characters of a condition. */
const LONGEST_SUBJECT = 127;
const LONGEST_CONDITION = 4096;

/** A provider of the pool with its mapping and its condition, and who may read these secrets (pam-cloud.md, 4.2). */
export function gcpPolicy(values: GcpValues, identity: Identity, request: PolicyRequest): Policy {
  const { claims } = request.subjectToken;
  const chosen = chooseClaims(claims, request.wish, {
    title: TITLE,
    refusal: (claim) => notText(claim) ?? unmappable(claim),
    refusalOfIdentity: ({ value }) => {
      return Buffer.byteLength(value) > LONGEST_SUBJECT ? `has more than ${LONGEST_SUBJECT} bytes` : undefined;
    },
  });
  const audience = audienceOf(claims, request.audience, TITLE);
  if (audience.includes(',')) throw impossible('an audience with a comma is two to gcloud');
  const place = placeOf(identity.provider);
  const condition = conditionFor(chosen);
  if (condition.length > LONGEST_CONDITION)
    throw impossible(`the condition has more than ${LONGEST_CONDITION} characters`);
  const words = [
    `gcloud iam workload-identity-pools providers create-oidc ${place.provider}`,
    `--project=${place.number} --location=global --workload-identity-pool=${place.pool}`,
    `--issuer-uri=${shellWord(issuerOf(claims).exact, 'the issuer')}`,
    `--allowed-audiences=${shellWord(audience, 'the audience')}`,
    `--attribute-mapping=${shellWord(`google.subject=${accessTo(chosen.identity.name)}`, 'the mapping')}`,
    `--attribute-condition=${shellWord(condition, 'the condition')}`,
  ];
  return {
    documents: [
      {
        name: 'provider.sh',
        use: `adds the provider to the pool ${place.pool}; for one that exists, update-oidc stands for create-oidc`,
        text: `${words.join(' \\\n  ')}\n`,
      },
      ...accessDocuments(values, identity, { chosen, request }),
    ],
    notes: [
      ...chosen.notes,
      'google.subject is the claim that names the job; the condition admits no token in which another claim differs',
    ],
  };
}

/** gcloud divides a mapping at commas. */
function unmappable({ name }: BindableClaim): string | undefined {
  return /^[^,=\p{Cc}]+$/u.test(name) ? undefined : 'has a name that gcloud would divide';
}

interface Place {
  readonly number: string;
  readonly pool: string;
  readonly provider: string;
}

function placeOf(provider: string): Place {
  const [, number = '', , , , pool = '', , id = ''] = provider.split('/');
  return { number, pool, provider: id };
}

/** Words that CEL keeps for itself cannot stand behind a period. */
const RESERVED = new Set(
  'as break const continue else false for function if import in let loop namespace null package return true var void while'.split(
    ' ',
  ),
);

function accessTo(claim: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(claim) && !RESERVED.has(claim);
  return isPlain ? `assertion.${claim}` : `assertion[${literal(claim)}]`;
}

function conditionFor({ identity, claims }: ChosenClaims): string {
  const texts = claims.flatMap(({ name, value }) => (value.kind === 'string' ? [{ name, value: value.value }] : []));
  return [identity, ...texts].map(({ name, value }) => `${accessTo(name)} == ${literal(value)}`).join(' && ');
}

interface Access {
  readonly chosen: ChosenClaims;
  readonly request: PolicyRequest;
}

function accessDocuments(
  values: GcpValues,
  identity: Identity,
  { chosen, request }: Access,
): readonly PolicyDocument[] {
  const pool = identity.provider.replace(/\/providers\/.*$/, '');
  const job = `principal://iam.googleapis.com/${pool}/subject/${chosen.identity.value}`;
  const { serviceAccount } = identity;
  const member = serviceAccount === undefined ? job : `serviceAccount:${serviceAccount}`;
  const parents = [...new Set(wantedFrom(request.refs, values).map(({ parent }) => parent))];
  const lines = [
    ...(serviceAccount === undefined
      ? []
      : [
          `gcloud iam service-accounts add-iam-policy-binding ${serviceAccount} --role=roles/iam.workloadIdentityUser --member=${shellWord(job, 'the subject')}`,
        ]),
    ...parents.map((parent) => {
      const [, project = '', kind, location = ''] = parent.split('/');
      const where = kind === 'locations' ? ` --location=${location}` : '';
      const name = parent.split('/').at(-1) ?? '';
      return `gcloud secrets add-iam-policy-binding ${name} --project=${project}${where} --role=roles/secretmanager.secretAccessor --member=${shellWord(member, 'the subject')}`;
    }),
  ];
  if (lines.length === 0) return [];
  return [{ name: 'access.sh', use: 'run these: they say who may read the secrets', text: `${lines.join('\n')}\n` }];
}
