import { type Json, jsonIn, member, textMember } from '../../lib/json.ts';
import { commandLines } from '../frame/command-lines.ts';
import { policyFault, refuseOthers, theDocument } from '../frame/policy-file.ts';
import type { LoadedPolicy, PolicyText } from '../types.ts';
import type { AzureOptions } from './options.ts';
import { SLASH } from './vault.ts';

const CREDENTIAL = 'credential.json';
const ROLES = 'roles.sh';
const FIELDS = 'audiences issuer name subject';

/** One federated credential, and the secrets that the application may read. Throws CONFIG_INVALID. */
export function readAzurePolicy(documents: readonly PolicyText[], options: AzureOptions): LoadedPolicy {
  refuseOthers(documents, [CREDENTIAL, ROLES]);
  const credential = credentialIn(theDocument(documents, CREDENTIAL));
  const roles = documents.find((one) => one.name === ROLES);
  const readable = roles === undefined ? undefined : new Set(secretsIn(roles, options));
  return {
    issuer: credential.issuer,
    audience: credential.audience,
    boundClaims: { sub: credential.subject },
    ...(readable && { mayRead: (path: string) => readable.has(path.replaceAll('/', SLASH).toLowerCase()) }),
    facts: {},
  };
}

interface Credential {
  readonly issuer: string;
  readonly audience: string;
  readonly subject: string;
}

function credentialIn({ name, text }: PolicyText): Credential {
  const json = jsonIn(Buffer.from(text));
  const fields = json?.kind === 'object' ? [...json.members.keys()].toSorted().join(' ') : '';
  if (fields !== FIELDS) throw policyFault(name, 'it has not the fields of a federated credential');
  const [called = '', issuer = '', subject = ''] = ['name', 'issuer', 'subject'].map((key) => textMember(json, key));
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$/.test(called)) {
    throw policyFault(name, 'its name has other characters than a name may have');
  }
  return { issuer, audience: onlyTextIn(member(json, 'audiences'), name), subject };
}

function onlyTextIn(list: Json | undefined, document: string): string {
  const [only, ...more] = list?.kind === 'array' ? list.items : [];
  if (only?.kind !== 'string' || more.length > 0) throw policyFault(document, 'there must be one audience');
  return only.value;
}

function secretsIn(document: PolicyText, { client }: AzureOptions): readonly string[] {
  const start = `az role assignment create --assignee ${client} --role Key Vault Secrets User --scope`;
  return commandLines(document).map((words) => {
    const scope = words.at(-1) ?? '';
    const name = /^\$VAULT_ID\/secrets\/([0-9A-Za-z-]{1,127})$/.exec(scope)?.[1];
    if (words.slice(0, -1).join(' ') !== start || words.length !== 10 || name === undefined) {
      throw policyFault(document.name, 'a line assigns no role to the application');
    }
    return name.toLowerCase();
  });
}
