import { audienceOf, chooseSubject, impossible, issuerOf } from '../../lib/choose-claims.ts';
import { printableJson, shellWord } from '../../lib/literal.ts';
import type { Policy, PolicyRequest } from '../types.ts';
import { wantedFrom } from './references.ts';
import type { AzureValues } from './settings.ts';

const TITLE = 'Azure';
const ROLE = 'Key Vault Secrets User';
/** Longest issuer, subject and audience of a federated credential. */
const LONGEST = 600;

/** A federated credential of the application, and its right to read these secrets (pam-cloud.md, 4.3). */
export function azurePolicy(url: URL, values: AzureValues, request: PolicyRequest): Policy {
  const { claims } = request.subjectToken;
  const chosen = chooseSubject(claims, request.wish, TITLE);
  const audience = audienceOf(claims, request.audience, TITLE);
  if (claims.aud.length > 1) throw impossible(`${TITLE} takes no ID token with several audiences`);
  const issuer = issuerOf(claims).exact;
  const subject = chosen.identity.value;
  const long = [issuer, subject, audience].find((text) => text.length > LONGEST);
  if (long !== undefined)
    throw impossible(`${TITLE} takes at most ${LONGEST} characters of issuer, subject and audience`);
  const client = values['client-id'] ?? '';
  const credential = { name: nameFor(subject), issuer, subject, audiences: [audience] };
  const names = [...new Set(wantedFrom(request.refs, url, values).map(({ name }) => name))];
  const vault = shellWord(url.hostname.split('.', 1).join(''), 'the vault');
  const grants = names.map((name) => {
    return `az role assignment create --assignee ${client} --role '${ROLE}' --scope "$VAULT_ID"/secrets/${name}\n`;
  });
  return {
    documents: [
      {
        name: 'credential.json',
        use: `az ad app federated-credential create --id ${client} --parameters credential.json`,
        text: `${printableJson(credential)}\n`,
      },
      ...(grants.length === 0
        ? []
        : [
            {
              name: 'roles.sh',
              use: `with VAULT_ID set to what az keyvault show --name ${vault} --query id --output tsv prints`,
              text: grants.join(''),
            },
          ]),
    ],
    notes: [
      ...chosen.notes,
      'an application has at most 20 federated credentials, and each is for exactly one subject',
      ...(names.length === 0
        ? []
        : ['a vault with access policies instead of roles: az keyvault set-policy --secret-permissions get']),
    ],
  };
}

/** 3 to 120 letters, digits, dashes and underscores. */
function nameFor(subject: string): string {
  const name = subject.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return `ci-${name === '' ? 'job' : name.slice(0, 100)}`;
}
