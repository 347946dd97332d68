import { jsonIn } from '../../lib/json.ts';
import { commandLines } from '../frame/command-lines.ts';
import { policyFault, refuseOthers, theDocument } from '../frame/policy-file.ts';
import type { LoadedPolicy, PolicyText } from '../types.ts';
import { type GcpOptions, providerName } from './options.ts';
import { SLASH } from './secrets.ts';

const PROVIDER = 'provider.sh';
const ACCESS = 'access.sh';

/** One provider with its condition, and who may read what. Throws CONFIG_INVALID. */
export function readGcpPolicy(documents: readonly PolicyText[], options: GcpOptions): LoadedPolicy {
  refuseOthers(documents, [PROVIDER, ACCESS]);
  const flags = providerFlags(theDocument(documents, PROVIDER), options);
  const [, mapping] = /^google\.subject=(.+)$/.exec(flags.get('attribute-mapping') ?? '') ?? [];
  const bound = conditionIn(flags.get('attribute-condition') ?? '');
  const subject = claimIn(mapping ?? '');
  const access = documents.find(({ name }) => name === ACCESS);
  const name = bound[subject] ?? '';
  const readable = access === undefined ? undefined : new Set(secretsIn(access, options, name));
  return {
    issuer: flags.get('issuer-uri') ?? '',
    audience: flags.get('allowed-audiences') ?? '',
    boundClaims: bound,
    ...(readable && { mayRead: (path: string) => readable.has(path.replaceAll('/', SLASH)) }),
    facts: { subject },
  };
}

const FLAGS =
  'project location workload-identity-pool issuer-uri allowed-audiences attribute-mapping attribute-condition'.split(
    ' ',
  );

function providerFlags(document: PolicyText, options: GcpOptions): ReadonlyMap<string, string> {
  const [words = [], ...more] = commandLines(document);
  const flags = flagsIn(words.slice(6), document);
  const place = `projects/${flags.get('project')}/locations/${flags.get('location')}/workloadIdentityPools/${flags.get('workload-identity-pool')}/providers/${words[5]}`;
  const isRight = words.slice(0, 5).join(' ') === 'gcloud iam workload-identity-pools providers create-oidc';
  if (!isRight || more.length > 0 || place !== providerName(options) || [...flags.keys()].join() !== FLAGS.join()) {
    throw policyFault(document.name, 'it makes no provider of this pool');
  }
  return flags;
}

function flagsIn(words: readonly string[], { name }: PolicyText): ReadonlyMap<string, string> {
  return new Map(
    words.map((word) => {
      const [, flag, value] = /^--([a-z-]+)=(.+)$/s.exec(word) ?? [];
      if (flag === undefined || value === undefined) throw policyFault(name, 'a word of it is no flag with a value');
      return [flag, value] as const;
    }),
  );
}

const TERM = /assertion(\.[A-Za-z_]\w*|\["(?:[^"\\]|\\.)*"\]) == ("(?:[^"\\]|\\.)*")( && |$)/y;

/** Equalities joined by `&&`: all of CEL that a condition here needs. */
function conditionIn(condition: string): Readonly<Record<string, string>> {
  const bound: Record<string, string> = {};
  for (TERM.lastIndex = 0; TERM.lastIndex < condition.length;) {
    const [, access = '', value = ''] = TERM.exec(condition) ?? [];
    if (value === '') throw policyFault(PROVIDER, 'its condition is not CEL as it is read here');
    bound[claimIn(`assertion${access}`)] = textIn(value);
  }
  return bound;
}

function claimIn(expression: string): string {
  const [, plain, quoted] = /^assertion(?:\.([A-Za-z_]\w*)|\[("(?:[^"\\]|\\.)*")\])$/.exec(expression) ?? [];
  if (plain === undefined && quoted === undefined) throw policyFault(PROVIDER, 'an expression names no claim');
  return plain ?? textIn(quoted ?? '');
}

/** CEL has the escapes of JSON, and one more for what is beyond U+FFFF. */
function textIn(literal: string): string {
  const json = literal.replaceAll(/\\U([0-9a-f]{8})/g, (_, point: string) => {
    return String.fromCodePoint(Number.parseInt(point, 16));
  });
  const text = jsonIn(Buffer.from(json));
  if (text?.kind !== 'string') throw policyFault(PROVIDER, 'a literal of it is no text');
  return text.value;
}

/** Names of the secrets that the job, or the service account that it acts as, may read. */
function secretsIn(document: PolicyText, options: GcpOptions, subject: string): readonly string[] {
  const pool = providerName(options).replace(/\/providers\/.*$/, '');
  const job = `principal://iam.googleapis.com/${pool}/subject/${subject}`;
  const account = options['service-account'];
  const reader = account === '' ? job : `serviceAccount:${account}`;
  return commandLines(document).flatMap((words) => {
    const isAccount = words[1] === 'iam';
    const at = isAccount ? 4 : 3;
    const flags = flagsIn(words.slice(at + 1), document);
    const start = words.slice(0, at).join(' ');
    if (isAccount && start === 'gcloud iam service-accounts add-iam-policy-binding') {
      const isJob = flags.get('member') === job && flags.get('role') === 'roles/iam.workloadIdentityUser';
      if (!isJob || words[at] !== account) throw policyFault(document.name, 'the job may not act as the account');
      return [];
    }
    const isAccess =
      flags.get('role') === 'roles/secretmanager.secretAccessor' && flags.get('project') === options.project;
    if (start !== 'gcloud secrets add-iam-policy-binding' || !isAccess) {
      throw policyFault(document.name, 'a line gives no access to a secret');
    }
    return flags.get('member') === reader ? [words[at] ?? ''] : [];
  });
}
