import type { BindableClaim } from '../../lib/bindable-claims.ts';
import { audienceOf, chooseClaims, type ChosenClaims, issuerOf, keysOf, notText } from '../../lib/choose-claims.ts';
import { harmless, visible } from '../../lib/text.ts';
import { member } from '../../lib/json.ts';
import { slug } from '../../lib/slug.ts';
import type { Policy, PolicyRequest } from '../types.ts';
import type { FortipamValues } from './settings.ts';

/** Lines for the CLI: where the issuer's keys are, and an api-user with the claims of this job (pam-cloud.md, 1.1). */
export function fortipamPolicy(values: FortipamValues, request: PolicyRequest): Policy {
  const { claims } = request.subjectToken;
  const chosen = chooseClaims(claims, request.wish, { title: 'FortiPAM', refusal: unmatchable });
  const keys = keysOf(claims);
  const issuer = issuerOf(claims);
  const isOneAudience = member(claims.all, 'aud')?.kind === 'string';
  const audience = isOneAudience ? [['aud', audienceOf(claims, request.audience, 'FortiPAM')] as const] : [];
  const lines = [
    'config secret jwt-key',
    `  edit ${word(slug(issuer.url.hostname))}`,
    '    set type jwks',
    `    set jwks-url ${word(keys.url)}`,
    '  next',
    'end',
    'config system api-user',
    `  edit ${word(values.user ?? `ci-${slug(chosen.identity.value)}`)}`,
    '    set type jwt',
    '    set accprofile "pam_standard_user"',
    `    set vdom ${word(values.vdom ?? 'root')}`,
    '    config claims',
    ...[['iss', issuer.exact] as const, ...audience, ...textsOf(chosen)].flatMap(([name, value]) => [
      `      edit ${word(name)}`,
      `        set value ${word(value)}`,
      '      next',
    ]),
    '    end',
    '  next',
    'end',
  ];
  const folders = [...new Set(request.refs.map(({ path }) => path.split('/').slice(0, -1).join('/')))];
  return {
    documents: [{ name: 'fortipam.cli', use: 'paste it into the CLI', text: `${lines.join('\n')}\n` }],
    notes: [
      ...chosen.notes,
      ...keys.notes,
      'version 1.8 says "set url" where 1.6 says "set jwks-url"; "show secret jwt" shows whether the keys were fetched',
      ...(isOneAudience ? [] : ['aud is a list in this token, so it is not among the claims']),
      ...(lines.some((line) => line.includes('?'))
        ? ['the CLI takes a typed "?" for a question: press Ctrl-V before it']
        : []),
      ...folders.map((folder) => `grant the api-user the permission to view secrets on the folder ${visible(folder)}`),
    ],
  };
}

function unmatchable(claim: BindableClaim): string | undefined {
  const why = notText(claim);
  if (why !== undefined || claim.value.kind !== 'string') return why;
  const both = `${claim.name}${claim.value.value}`;
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(both)) return 'has control characters, which the CLI does not take';
  return harmless(both) === both
    ? undefined
    : "holds what a CI's log takes for a command, and the CLI has no other way to write it";
}

function textsOf({ identity, claims }: ChosenClaims): readonly (readonly [string, string])[] {
  const texts = claims.flatMap(({ name, value }) => (value.kind === 'string' ? [[name, value.value] as const] : []));
  return [[identity.name, identity.value], ...texts];
}

/** In double quotes a backslash stands before each of these two. */
function word(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
