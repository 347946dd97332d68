import { expect, test } from 'vitest';
import { CI_JOBS, ciJob } from '../../../src/dev/frame/jobs.ts';
import { bindableClaims, claimNamed } from '../../../src/lib/bindable-claims.ts';
import { readToken } from '../../../src/lib/jwt.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import type { Claims } from '../../../src/lib/tokens.ts';

function claimsIn(set: Readonly<Record<string, unknown>>): Claims {
  const [header, body] = [{ alg: 'RS256', kid: 'k' }, set].map((part) => {
    return Buffer.from(JSON.stringify(part)).toString('base64url');
  });
  return readToken(new Sensitive(`${header}.${body}.c2ln`), 'test').claims;
}

function claimsOfRun(ci: string, changes: Readonly<Record<string, unknown>> = {}): Claims {
  const origin = 'https://ci.example';
  const facts = { origin, issuer: origin, audience: 'a', issuedAt: 1_700_000_000, lifetimeSeconds: 300, jti: 'j' };
  return claimsIn({ ...ciJob(ci)?.claims(facts), ...changes });
}

/** What names the job, what narrows it down, and whether `sub` is of use. */
const JOBS: Readonly<Record<string, readonly [identity: string, restricting: string, isSubjectKept: boolean]>> = {
  gitlab: ['project_path', 'project_id ref ref_type', true],
  jenkins: ['sub', '', true],
  github: ['repository', 'repository_id ref environment', true],
  azure: ['sub', 'org_id prj_id def_id', true],
  circleci: ['oidc.circleci.com/project-id', 'oidc.circleci.com/org-id oidc.circleci.com/vcs-ref', false],
  buildkite: ['pipeline_slug', 'organization_slug build_branch', false],
  kubernetes: ['sub', '', true],
};

test('the rows above are about every CI that can be rehearsed', () => {
  expect(Object.keys(JOBS)).toEqual(CI_JOBS.map(({ ci }) => ci));
});

test.each(Object.entries(JOBS))('%s', (ci, [identity, restricting, isSubjectKept]) => {
  const claims = claimsOfRun(ci);
  const found = bindableClaims(claims);
  expect(found.identity?.name).toBe(identity);
  const present = restricting.split(' ').filter((name) => claims.all.members.has(name));
  expect(found.restricting.map(({ name }) => name)).toEqual(present);
  expect(found.subjectChanges === undefined).toBe(isSubjectKept);
  const offered = [...found.restricting, ...found.alternatives].map(({ name }) => name);
  expect(offered.filter((name) => found.changing.has(name))).toEqual([]);
});

test.each(CI_JOBS.map(({ ci }) => ci))('%s: what is bound is what the rehearsal calls the same in every run', (ci) => {
  const bound = ciJob(ci)?.boundClaims('https://ci.example') ?? {};
  const { identity, restricting } = bindableClaims(claimsOfRun(ci));
  const chosen = [...(identity === undefined ? [] : [identity]), ...restricting];
  expect(chosen.map(({ name }) => name).filter((name) => !Object.hasOwn(bound, name))).toEqual([]);
});

test.each([
  ['a commit in sub', 'github', { sub: 'repo:acme/shop:sha:4f2a', sha: '4f2a' }, true],
  ['the run in sub', 'gitlab', { sub: 'job_302' }, true],
  ['a number that is only a part of a word', 'gitlab', { sub: 'project_path:acme/shop302' }, false],
])('%s', (_, ci, changes, isChanging) => {
  expect(bindableClaims(claimsOfRun(ci, changes)).subjectChanges !== undefined).toBe(isChanging);
});

test.each(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'nothing'])('%s is nothing to bind', (name) => {
  expect(claimNamed(claimsOfRun('gitlab'), name)).toBeUndefined();
});

test('a claim that is null is nothing to bind', () => {
  expect(claimNamed(claimsOfRun('gitlab', { ref: null }), 'ref')).toBeUndefined();
});
