import { type BindableClaim, type BindableClaims, bindableClaims } from '../../lib/bindable-claims.ts';
import { writeJson } from '../../lib/json-write.ts';
import { duration, quoted, visible } from '../../lib/text.ts';
import type { Claims, SubjectToken } from '../../lib/tokens.ts';
import { type Row, table } from '../plan.ts';
import { clock, moment } from '../refusal.ts';
import type { TokenFacts } from './token.ts';
import type { Verification } from './verify-token.ts';

/** What `token` says to a person. */
export function tokenText(facts: TokenFacts): string {
  const { found, backend, verification } = facts;
  const whose = backend === undefined ? '' : ` for ${visible(backend.name)} (${backend.type.title})`;
  if ('ask' in found) return `ID token${whose}\n${table([['source', `would come from: ${found.plan}`]]).join('\n')}\n`;
  const bindable = bindableClaims(found.claims);
  return `${[
    `ID token${whose}`,
    ...table(tokenRows(found, facts)),
    'claims worth binding',
    ...bindingLines(bindable),
    ...(verification === undefined ? [] : ['verified', ...table(verificationRows(verification))]),
  ].join('\n')}\n`;
}

function tokenRows({ origin, header, claims }: SubjectToken, { expected, backend, nowMs }: TokenFacts): Row[] {
  const { iss, aud, sub } = claims;
  const isKnownKind = backend?.type.algorithms.includes(header.alg) ?? true;
  const taken = isKnownKind ? '' : `; ${backend?.type.title ?? 'the backend'} takes none of these`;
  return [
    ['source', visible(origin)],
    ['issuer', `${visible(iss ?? 'none')}${beside(expected.issuer, iss === expected.issuer)}`],
    ['audience', `${audiences(aud)}${beside(expected.audience, aud.includes(expected.audience ?? ''))}`],
    ['subject', visible(sub ?? 'none')],
    ...timeRows(claims, nowMs),
    ['alg', `${visible(header.alg)}${taken}`],
    ['kid', visible(header.kid ?? 'none')],
  ];
}

function timeRows({ iat, nbf, exp }: Claims, nowMs: number): Row[] {
  const isOver = exp !== undefined && exp * 1000 < nowMs;
  const rows: Row[] = [['issued', moment(iat, nowMs)]];
  if (nbf !== undefined) rows.push(['valid from', moment(nbf, nowMs)]);
  rows.push([isOver ? 'expired' : 'expires', moment(exp, nowMs)]);
  if (exp === undefined || iat === undefined) return rows;
  return [...rows, ['lifetime', `${duration((exp - iat) * 1000)}${exp < iat ? ', backwards' : ''}`]];
}

function audiences(aud: readonly string[]): string {
  if (aud.length === 0) return 'none';
  const shown = aud.slice(0, 5).map(visible).join(', ');
  return aud.length > 5 ? `${shown} and ${aud.length - 5} more` : shown;
}

function beside(expected: string | undefined, isSame: boolean): string {
  if (expected === undefined) return '';
  return isSame ? ' (as configured)' : ` (not the configured ${quoted(expected)})`;
}

function bindingLines({ identity, restricting, alternatives, subjectChanges }: BindableClaims): string[] {
  const rows: Row[] = [
    ['the job', identity === undefined ? 'no claim names it' : claimText(identity)],
    ...restricting.map((claim): Row => ['narrower by', claimText(claim)]),
    ...alternatives.map((claim): Row => ['or by', claimText(claim)]),
    ...(subjectChanges === undefined ? [] : [['not by', `sub, which ${subjectChanges}`] satisfies Row]),
  ];
  return table(rows);
}

function claimText({ name, value }: BindableClaim): string {
  return `${visible(name)} = ${visible(value.kind === 'string' ? value.value : writeJson(value))}`;
}

function verificationRows({ isSigned, published, failure }: Verification): Row[] {
  const signature =
    isSigned === undefined ? 'not checked' : isSigned ? 'by a key of the issuer' : 'by none of its keys';
  return [
    ['signature', signature],
    ...(published === undefined
      ? []
      : ([
          ['keys', `${published.keys.length} at ${visible(published.url.href)}`],
          ["issuer's clock", published.clockOffsetMs === undefined ? 'not said' : clock(published.clockOffsetMs)],
        ] satisfies Row[])),
    ['result', failure === undefined ? 'good' : failure.reason],
  ];
}
