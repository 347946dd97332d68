import { type BindableClaim, bindableClaims } from '../../lib/bindable-claims.ts';
import { harmlessJson, writeJson } from '../../lib/json-write.ts';
import type { SubjectToken } from '../../lib/tokens.ts';
import type { TokenFacts } from './token.ts';
import type { Verification } from './verify-token.ts';

/**
 * What `token --json` says: one object, the same members each time, `null` for what is not known. Times are NumericDates
 * (seconds), claims stand as the token has them.
 */
export function tokenJson(facts: TokenFacts): string {
  const { found, expected, backend, verification, nowMs } = facts;
  const head = members([
    ['source', 'ask' in found ? null : found.origin],
    ['asked_by', 'ask' in found ? found.plan : null],
    ['backend', backend?.name ?? null],
    ['expected_issuer', expected.issuer ?? null],
    ['expected_audience', expected.audience ?? null],
  ]);
  const claims = 'ask' in found ? [] : claimMembers(found, nowMs);
  const all = [...head, ...claims, ['verification', verificationText(verification)]];
  return harmlessJson(`{\n${all.map(([name, text]) => `  ${JSON.stringify(name)}: ${text}`).join(',\n')}\n}\n`);
}

/** A name and the JSON text of its value. */
type Member = readonly [name: string, text: string];

function members(pairs: readonly (readonly [string, unknown])[]): Member[] {
  return pairs.map(([name, value]) => [name, JSON.stringify(value ?? null)]);
}

function claimMembers({ header, claims }: SubjectToken, nowMs: number): Member[] {
  const { iss, aud, sub, iat, nbf, exp } = claims;
  const { identity, restricting, alternatives, subjectChanges } = bindableClaims(claims);
  return [
    ...members([
      ['issuer', iss],
      ['audience', aud],
      ['subject', sub],
      ['issued_at', iat],
      ['not_before', nbf],
      ['expires_at', exp],
      ['seconds_left', exp === undefined ? null : Math.floor(exp - nowMs / 1000)],
      ['lifetime_seconds', exp === undefined || iat === undefined ? null : exp - iat],
      ['alg', header.alg],
      ['kid', header.kid],
    ]),
    ['identity', claimsText(identity === undefined ? [] : [identity])],
    ['restricting', claimsText(restricting)],
    ['alternatives', claimsText(alternatives)],
    ...members([['subject_changes', subjectChanges !== undefined]]),
  ];
}

function claimsText(claims: readonly BindableClaim[]): string {
  return `{${claims.map(({ name, value }) => `${JSON.stringify(name)}: ${writeJson(value)}`).join(', ')}}`;
}

function verificationText(verification: Verification | undefined): string {
  if (verification === undefined) return 'null';
  const { isSigned, published, failure } = verification;
  return JSON.stringify({
    verified: failure === undefined,
    signed: isSigned ?? null,
    reason: failure?.reason ?? null,
    keys_url: published?.url.href ?? null,
    keys: published?.keys.flatMap(({ kid }) => kid ?? []) ?? null,
    clock_offset_seconds:
      published?.clockOffsetMs === undefined ? null : Math.round(published.clockOffsetMs / 100) / 10,
  });
}
