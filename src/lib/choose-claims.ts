import { type BindableClaim, bindableClaims, claimNamed } from './bindable-claims.ts';
import { SecretctlError } from './errors.ts';
import type { Json } from './json.ts';
import { quoted, suggestion, visible } from './text.ts';
import type { Claims } from './tokens.ts';

/** Which claims the user wants to have bound; what is undefined is chosen. */
export interface ClaimWish {
  readonly identity: string | undefined;
  /** Besides the identity. */
  readonly claims: readonly string[] | undefined;
}

/** What a product can match. */
export interface Matcher {
  readonly title: string;
  /** Why it cannot match this claim, completing "ref_protected …"; undefined when it can. */
  refusal(claim: BindableClaim): string | undefined;
  /** The same for the claim that names the job, where more is asked of that one. */
  refusalOfIdentity?(claim: TextClaim): string | undefined;
}

/** A claim whose value is text. */
export interface TextClaim {
  readonly name: string;
  readonly value: string;
}

/** What is bound. */
export interface ChosenClaims {
  readonly identity: TextClaim;
  readonly claims: readonly BindableClaim[];
  /** Each a sentence for the administrator. */
  readonly notes: readonly string[];
}

/**
 * The claims to bind: those that were wished for, or those of the CI that stay the same from run to run and that the
 * product can match. Throws POLICY_IMPOSSIBLE (65) when there is none to name the job, or for a wish that cannot be.
 */
export function chooseClaims(claims: Claims, wish: ClaimWish, matcher: Matcher): ChosenClaims {
  const known = bindableClaims(claims);
  const identity = identityFrom(claims, wish, matcher);
  const isOther = ({ name }: BindableClaim): boolean => name !== identity.name;
  const wished = wish.claims?.map((name) => wishedClaim(claims, name, matcher));
  const [possible, unmatched] = divided(known.restricting.filter(isOther), matcher);
  const chosen = [...new Map((wished ?? possible).filter(isOther).map((one) => [one.name, one])).values()];
  const others = [...known.restricting, ...known.alternatives, ...(known.identity ? [known.identity] : [])];
  const open = divided(others.filter(isOther), matcher)[0].filter(
    (one) => !chosen.some(({ name }) => name === one.name),
  );
  return {
    identity,
    claims: chosen,
    notes: [
      ...changeNotes([identity.name, ...chosen.map(({ name }) => name)], claims),
      ...chosen.filter(isOnlyOneRef).map(({ name }) => {
        return `${visible(name)} admits this ref only: name other claims with --claim to admit more of them`;
      }),
      ...[identity, ...chosen].flatMap(spaceNote),
      ...(wished === undefined ? unmatched.map(({ name, why }) => `not bound: ${visible(name)} ${why}`) : []),
      ...(open.length === 0
        ? []
        : [`could be bound too (--claim): ${open.map(({ name }) => visible(name)).join(', ')}`]),
    ],
  };
}

/**
 * The subject, for a product that matches no other claim. Throws POLICY_IMPOSSIBLE (65) when the token has none,
 * when another claim was wished for, or when the next run of the job has another subject.
 */
export function chooseSubject(claims: Claims, wish: ClaimWish, title: string): ChosenClaims {
  const wanted = [wish.identity, ...(wish.claims ?? [])].find((name) => name !== undefined && name !== 'sub');
  if (wanted !== undefined) {
    throw impossible(`${title} matches only iss, aud and sub of an ID token, so not ${quoted(wanted)}`);
  }
  const { sub } = claims;
  if (sub === undefined || sub === '') throw impossible(`${title} matches sub, and the ID token has none`);
  const { subjectChanges, restricting } = bindableClaims(claims);
  if (subjectChanges !== undefined) {
    throw impossible(
      `${title} matches the whole of sub, which here ${subjectChanges}`,
      'if the CI can be told what its sub is made of, leave that out; else use a backend that matches other claims',
    );
  }
  const refs = restricting
    .filter(isOnlyOneRef)
    .filter(({ value }) => value.kind === 'string' && sub.includes(value.value));
  return {
    identity: { name: 'sub', value: sub },
    claims: [],
    notes: [
      ...refs.map(({ name }) => {
        return `sub holds ${visible(name)}, so this admits this ref only; if the CI can be told what its sub is made of, leave the ref out, or write one such policy for each ref`;
      }),
      ...spaceNote({ name: 'sub', value: sub }),
    ],
  };
}

/** The one audience to expect: the configured one where the token has it. Throws POLICY_IMPOSSIBLE (65) without any. */
export function audienceOf(claims: Claims, configured: string | undefined, title: string): string {
  const audience = claims.aud.find((one) => one === configured) ?? claims.aud[0];
  if (audience === undefined || audience === '') throw impossible(`${title} matches aud, and the ID token has none`);
  return audience;
}

/** The issuer, as an address from which its keys can be had. Throws POLICY_IMPOSSIBLE (65) when it is none. */
export function issuerOf(claims: Claims): Issuer {
  const exact = claims.iss ?? '';
  const url = URL.canParse(exact) ? new URL(exact) : undefined;
  if (
    url === undefined ||
    url.protocol !== 'https:' ||
    url.search !== '' ||
    url.hash !== '' ||
    !/^[!-~]+$/.test(exact)
  ) {
    throw impossible('the "iss" of the ID token is no https URL, so nothing says where its keys are');
  }
  return { exact, url };
}

/** Who signed, as the token says it and as an address. */
export interface Issuer {
  readonly exact: string;
  readonly url: URL;
}

/** Where the issuer's keys are, and a sentence where that is only likely. */
export function keysOf(claims: Claims): { readonly url: string; readonly notes: readonly string[] } {
  const { exact } = issuerOf(claims);
  const { keysPath } = bindableClaims(claims);
  const base = exact.replace(/\/+$/, '');
  if (keysPath !== undefined) return { url: `${base}${keysPath}`, notes: [] };
  const note = `where the issuer's keys are is a guess: jwks_uri in ${base}/.well-known/openid-configuration says it`;
  return { url: `${base}/.well-known/jwks`, notes: [note] };
}

/** A policy that cannot be written. */
export function impossible(message: string, hint?: string): SecretctlError {
  return new SecretctlError('POLICY_IMPOSSIBLE', message, hint === undefined ? {} : { hint });
}

/** Why no product that compares texts matches this value; undefined when it is text that can be written down. */
export function notText({ value }: { readonly value: Json }): string | undefined {
  if (value.kind !== 'string') return `is ${KINDS[value.kind]}, not text`;
  if (value.value === '') return 'is empty';
  return value.value.isWellFormed() ? undefined : 'is not well-formed Unicode';
}

const KINDS = { object: 'an object', array: 'a list', number: 'a number', literal: 'true or false', string: 'text' };

function identityFrom(claims: Claims, wish: ClaimWish, matcher: Matcher): TextClaim {
  const { identity } = bindableClaims(claims);
  const claim = wish.identity === undefined ? identity : claimNamed(claims, wish.identity);
  const known = namesIn(claims).map(visible).join(', ');
  const hint = known === '' ? undefined : `name the claim to go by with --identity: ${known}`;
  if (claim === undefined) throw impossible(`the ID token has ${absent(wish.identity)}`, hint);
  const why = notText(claim) ?? matcher.refusal(claim);
  if (claim.value.kind !== 'string' || why !== undefined) {
    throw impossible(`${matcher.title} cannot go by ${quoted(claim.name)}: it ${why}`, hint);
  }
  const text = { name: claim.name, value: claim.value.value };
  const whyNot = matcher.refusalOfIdentity?.(text);
  if (whyNot !== undefined) throw impossible(`${matcher.title} cannot go by ${quoted(claim.name)}: it ${whyNot}`, hint);
  return text;
}

/** What a policy may go by besides the claim that names the job. */
function namesIn(claims: Claims): readonly string[] {
  const { restricting, alternatives } = bindableClaims(claims);
  return [...restricting, ...alternatives].map(({ name }) => name);
}

function absent(name: string | undefined): string {
  return name === undefined ? 'no claim that names the job' : `no claim ${quoted(name)} that is about the job`;
}

function wishedClaim(claims: Claims, name: string, { title, refusal }: Matcher): BindableClaim {
  const claim = claimNamed(claims, name);
  if (claim === undefined) {
    const known = namesIn(claims);
    const said = `the ID token has ${absent(name)}${suggestion(name, known)}`;
    throw impossible(said, known.length === 0 ? undefined : `it has ${known.map(visible).join(', ')}`);
  }
  const why = refusal(claim);
  if (why !== undefined) throw impossible(`${title} cannot match ${quoted(name)}: it ${why}`);
  return claim;
}

type Unmatched = BindableClaim & { readonly why: string };

function divided(
  claims: readonly BindableClaim[],
  { refusal }: Matcher,
): readonly [possible: readonly BindableClaim[], unmatched: readonly Unmatched[]] {
  const judged = claims.map((claim) => ({ claim, why: refusal(claim) }));
  return [
    judged.flatMap(({ claim, why }) => (why === undefined ? [claim] : [])),
    judged.flatMap(({ claim, why }) => (why === undefined ? [] : [{ ...claim, why }])),
  ];
}

function changeNotes(names: readonly string[], claims: Claims): string[] {
  const { changing, subjectChanges } = bindableClaims(claims);
  return names.flatMap((name) => {
    if (changing.has(name)) return [`${visible(name)} is another one in the next run: that run will be refused`];
    const isChanging = name === 'sub' && subjectChanges !== undefined;
    return isChanging ? [`sub ${subjectChanges}: that run will be refused`] : [];
  });
}

const REFS = new Set([
  'ref',
  'ref_path',
  'branch',
  'build_branch',
  'branchName',
  'oidc.circleci.com/vcs-ref',
  'rpo_ref',
]);

function isOnlyOneRef({ name }: BindableClaim): boolean {
  return REFS.has(name);
}

function spaceNote({ name, value }: { readonly name: string; readonly value: Json | string }): string[] {
  const text = typeof value === 'string' ? value : value.kind === 'string' ? value.value : '';
  return text.trim() === text ? [] : [`the value of ${visible(name)} begins or ends with a space: keep it`];
}
