import type { BindableClaim } from '../../lib/bindable-claims.ts';
import { audienceOf, chooseClaims, type ChosenClaims, impossible, issuerOf, notText } from '../../lib/choose-claims.ts';
import { literal, printableJson, shellWord } from '../../lib/literal.ts';
import { slug } from '../../lib/slug.ts';
import { quoted } from '../../lib/text.ts';
import type { Policy, PolicyRequest } from '../types.ts';
import { assumedMount } from './mounts.ts';
import { type Wanted, wantedFrom } from './references.ts';
import type { VaultValues } from './settings.ts';

const TITLE = 'Vault';

/** The JWT method's configuration, a role for this job, and a policy that reads what it reads (conjur-vault.md, 3.3). */
export function vaultPolicy(values: VaultValues, request: PolicyRequest): Policy {
  const { claims } = request.subjectToken;
  const chosen = chooseClaims(claims, request.wish, {
    title: TITLE,
    refusal: unmatchable,
  });
  const issuer = issuerOf(claims).exact;
  const role = (values.role ?? `ci-${slug(chosen.identity.value)}`).toLowerCase();
  const policyName = `${slug(role)}-read`;
  const mount = `auth/${values['auth-path']}`;
  const vault = `vault ${values.namespace === undefined ? '' : `-namespace=${shellWord(values.namespace, 'the namespace')} `}`;
  const write = (path: string, file: string): string =>
    `${vault.replace('vault ', 'vault write ')}${shellWord(path, 'the path')} @${file}`;
  const config = {
    oidc_discovery_url: issuer,
    bound_issuer: issuer,
    ...(values.role === undefined && { default_role: role }),
  };
  const paths = [...new Set(wantedFrom(request.refs, values).flatMap((one) => pathsOf(one, values)))];
  const method = `${vault}auth enable -path=${shellWord(values['auth-path'], 'auth-path')} jwt`;
  return {
    documents: [
      {
        name: 'config.json',
        use: `once, for the method: ${method} && ${write(`${mount}/config`, 'config.json')}`,
        text: `${printableJson(config)}\n`,
      },
      {
        name: 'role.json',
        use: write(`${mount}/role/${role}`, 'role.json'),
        place: role,
        text: `${printableJson(roleFor(chosen, request, policyName))}\n`,
      },
      {
        name: 'policy.hcl',
        use: `${vault}policy write ${policyName} policy.hcl`,
        place: policyName,
        text: policyText(paths),
      },
    ],
    notes: [...chosen.notes, ...notesFor(values, request, role)],
  };
}

/** Numbers, true and false are compared with their types; of a list any member would do, so none is bound. */
function unmatchable(claim: BindableClaim): string | undefined {
  const { name, value } = claim;
  // A name that begins so is taken for a pointer into the token.
  if (name.startsWith('/')) return 'has a name that is taken for a JSON pointer';
  if (value.kind === 'literal' && value.value !== null) return undefined;
  if (value.kind === 'number') {
    return `${Number(value.text)}` === value.text ? undefined : 'is a number with more digits than every reader keeps';
  }
  return notText(claim);
}

function roleFor({ identity, claims }: ChosenClaims, request: PolicyRequest, policyName: string): unknown {
  const { claims: said } = request.subjectToken;
  const bound = [
    [identity.name, identity.value] as const,
    ...claims.map((claim) => [claim.name, typed(claim)] as const),
  ];
  return {
    role_type: 'jwt',
    user_claim: identity.name,
    ...(said.aud.length > 0 && { bound_audiences: [audienceOf(said, request.audience, TITLE)] }),
    bound_claims_type: 'string',
    bound_claims: Object.fromEntries(bound),
    token_policies: [policyName],
    token_type: 'service',
    token_explicit_max_ttl: '1h',
  };
}

function typed({ value }: BindableClaim): string | number | boolean | undefined {
  if (value.kind === 'number') return Number(value.text);
  if (value.kind === 'string') return value.value;
  return value.kind === 'literal' && value.value !== null ? value.value : undefined;
}

/** What the API calls it: where the engine is not known, both versions' names of it. */
function pathsOf(one: Wanted, values: VaultValues): readonly string[] {
  const { path: mount, engine, isGuess } = assumedMount(values, one);
  const inside = one.path.slice(mount.length + 1);
  const [first, second] = [`${mount}/data/${inside}`, `${mount}/${inside}`];
  for (const path of [first, second]) refuseWildcards(path);
  if (isGuess) return [first, second];
  return [engine === 'kv-v2' ? first : second];
}

/** In a policy these stand for more than themselves, and nothing undoes that. */
function refuseWildcards(path: string): void {
  const isWild = path.endsWith('*') || path.split('/').includes('+') || /\{\{|\$\{|%\{/.test(path);
  if (isWild) throw impossible(`a policy would take ${quoted(path)} for a pattern or a template`);
}

function policyText(paths: readonly string[]): string {
  if (paths.length === 0) return '# name the secrets that the job may read\n';
  return paths.map((path) => `path ${literal(path)} {\n  capabilities = ["read"]\n}\n`).join('\n');
}

function notesFor(values: VaultValues, request: PolicyRequest, role: string): string[] {
  const notes = ['config.json replaces what the method has: where it has its issuer already, leave that document out'];
  if (values.role === undefined)
    notes.push(`without default_role in config.json, say "role: ${role}" in the configuration`);
  if (values.engine === 'auto' && request.refs.length > 0) {
    notes.push(
      'policy.hcl has the paths of both versions of the key-value engine: "engine" in the configuration says which it is',
    );
  }
  notes.push('token_type batch costs the server less, but such a token cannot be revoked and opens no dynamic secrets');
  return notes;
}
