import { jsonIn, member, textMember } from '../../lib/json.ts';
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
  const { name, text } = theDocument(documents, CREDENTIAL);
  const json = jsonIn(Buffer.from(text));
  const fields = json?.kind === 'object' ? [...json.members.keys()].toSorted().join(' ') : '';
  if (fields !== FIELDS) throw policyFault(name, 'it has not the fields of a federated credential');
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$/.test(textMember(json, 'name') ?? '')) {
    throw policyFault(name, 'its name has other characters than a name may have');
  }
  const audiences = member(json, 'audiences');
  const [audience, ...more] = audiences?.kind === 'array' ? audiences.items : [];
  if (audience?.kind !== 'string' || more.length > 0) throw policyFault(name, 'there must be one audience');
  const roles = documents.find((one) => one.name === ROLES);
  const readable = roles === undefined ? undefined : new Set(secretsIn(roles, options));
  return {
    issuer: textMember(json, 'issuer') ?? '',
    audience: audience.value,
    boundClaims: { sub: textMember(json, 'subject') ?? '' },
    ...(readable && { mayRead: (path: string) => readable.has(path.replaceAll('/', SLASH).toLowerCase()) }),
    facts: {},
  };
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
