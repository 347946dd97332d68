import { describe, expect, test } from 'vitest';
import { type PolicySetup, withItsPolicy, writtenPolicy } from '../support/policies.ts';
import { refs } from '../support/rehearsed-backend.ts';

/** The backends that write policy, a CI of each kind, and the claims that are bound there. */
const BOUND: readonly (readonly [type: string, ci: string, ...claims: string[]])[] = [
  ['conjur', 'gitlab', 'project_path', 'project_id', 'ref', 'ref_type'],
  ['conjur', 'github', 'repository', 'ref'],
  ['conjur', 'jenkins', 'sub'],
  ['conjur', 'circleci', 'oidc.circleci.com/project-id', 'oidc.circleci.com/vcs-ref'],
  ['vault', 'gitlab', 'project_path', 'project_id', 'ref', 'ref_type'],
  ['vault', 'github', 'repository', 'ref'],
  ['vault', 'jenkins', 'sub'],
  ['vault', 'circleci', 'oidc.circleci.com/project-id', 'oidc.circleci.com/vcs-ref'],
  ['gcp', 'gitlab', 'project_path', 'project_id', 'ref', 'ref_type'],
  ['gcp', 'github', 'repository', 'ref'],
  ['gcp', 'jenkins', 'sub'],
  ['gcp', 'circleci', 'oidc.circleci.com/project-id', 'oidc.circleci.com/vcs-ref'],
  ['fortipam', 'gitlab', 'project_path', 'project_id', 'ref', 'ref_type'],
  ['fortipam', 'github', 'repository', 'ref'],
  ['fortipam', 'jenkins', 'sub'],
  ['fortipam', 'buildkite', 'pipeline_slug', 'organization_slug', 'build_branch'],
  ['aws', 'gitlab', 'sub'],
  ['aws', 'github', 'sub'],
  ['aws', 'jenkins', 'sub'],
  ['aws', 'kubernetes', 'sub'],
  ['azure', 'gitlab', 'sub'],
  ['azure', 'github', 'sub'],
  ['azure', 'jenkins', 'sub'],
  ['azure', 'azure', 'sub'],
  ['venafi', 'gitlab', 'sub'],
  ['venafi', 'github', 'sub'],
  ['venafi', 'jenkins', 'sub'],
  ['venafi', 'kubernetes', 'sub'],
];

/** Some clients wait before they try once more what a server refused. */
const IMPATIENT: PolicySetup = { backendWorld: { sleep: () => Promise.resolve() } };

/** FortiPAM takes only so many refusals. */
const UNLOCKED: Readonly<Record<string, PolicySetup>> = { fortipam: { options: { lockout: '999' } } };

describe.each(BOUND)('%s for a job of %s', (type, ci, ...claims) => {
  test('the server that has loaded the policy accepts the token that it was made for', async () => {
    const loaded = await withItsPolicy(type, { ci });
    await expect(loaded.logIn()).resolves.toBeDefined();
  });

  test('it refuses a token with another value of a bound claim, of another issuer, for another audience', async () => {
    const loaded = await withItsPolicy(type, { ...IMPATIENT, ...UNLOCKED[type], ci });
    const changes = [...claims, 'iss', 'aud'].flatMap((name) => [{ [name]: 'https://elsewhere' }, { [name]: null }]);
    for (const change of changes) {
      const refused = loaded.exchange(await loaded.idToken(change));
      await expect(refused, JSON.stringify(change)).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
    }
  });

  test('a claim that is not bound may be another', async () => {
    const loaded = await withItsPolicy(type, { ci });
    const token = await loaded.idToken({ something_else: 'another', sha: '0000', build_number: 77 });
    await expect(loaded.exchange(token)).resolves.toBeDefined();
  });
});

/** Values that mean something else in one syntax or another. */
const NASTY = [
  `it's "quoted" \\ \${x} $(id) \`id\` %{y}`,
  'two\nlines\r\n- !host\u0000',
  '*?[a]+.^|(',
  ' spaces around ',
  'yes',
  '22',
  '~',
  'a: b # c',
  '##vso[task.setvariable]::add-mask::',
  '\u202eevil\u2028\u{e0041}\u{1f600}',
  "';--{{identity}}",
];

/** A claim that each binds and that may be anything. */
const FREE: Readonly<Record<string, string>> = {
  conjur: 'ref',
  vault: 'ref',
  gcp: 'ref',
  aws: 'sub',
  azure: 'sub',
  venafi: 'sub',
};

describe.each(Object.entries(FREE))('%s', (type, claim) => {
  test.each(NASTY)('the value %j is bound as it is', async (value) => {
    const loaded = await withItsPolicy(type, { ...IMPATIENT, claims: { [claim]: value } });
    await expect(loaded.logIn()).resolves.toBeDefined();
    for (const other of [`${value}x`, value.trim() === value ? `${value} ` : value.trim(), 'main', 'x']) {
      const refused = loaded.exchange(await loaded.idToken({ [claim]: other }));
      await expect(refused, other).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
    }
  });
});

describe.each([
  ['conjur', ['app/db "x" 1', 'app/tls'], 'app/other'],
  ['vault', ['app/db "x" 1', 'app/tls'], 'app/other'],
  ['gcp', ['app/db', 'app/tls'], 'app/other'],
  ['aws', ['app/db', 'app/tls'], 'app/other'],
  ['aws', ['ssm:/app/db', 'ssm:/app/tls'], 'ssm:/app/other'],
  ['azure', ['app/db', 'app/tls'], 'app/other'],
])('%s', (type, reads, other) => {
  test('what was named may be read, and nothing else', async () => {
    const secrets = Object.fromEntries([...reads, other].map((path) => [path.replace('ssm:/', ''), 'v']));
    const loaded = await withItsPolicy(type, { secrets, reads });
    const outcomes = await loaded.fetch(refs(...reads, other));
    expect(outcomes.map((one) => 'value' in one)).toEqual([...reads.map(() => true), false]);
  });
});

test.each([`it's "quoted" \\ \${x} $(id)`, ' spaces around ', '22', '*?[a]', '"', '\\', 'end', 'a b "c'])(
  'fortipam: the value %j is bound as it is',
  async (value) => {
    const loaded = await withItsPolicy('fortipam', { ...UNLOCKED['fortipam'], claims: { ref: value } });
    await expect(loaded.logIn()).resolves.toBeDefined();
    for (const other of [`${value}x`, `${value} `, 'main', 'x']) {
      const refused = loaded.exchange(await loaded.idToken({ ref: other }));
      await expect(refused, other).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
    }
  },
);

/** What no document of a product can say. */
const IMPOSSIBLE: readonly (readonly [string, string, PolicySetup])[] = [
  ['conjur', 'a number', { wish: { claims: ['runner_id'] } }],
  ['conjur', 'a list', { claims: { groups: ['a'] }, wish: { claims: ['groups'] } }],
  ['conjur', 'true', { claims: { flag: true }, wish: { claims: ['flag'] } }],
  ['conjur', 'a standard claim', { wish: { claims: ['iss'] } }],
  ['conjur', 'a name that the server refuses', { claims: { 'a b': 'c' }, wish: { claims: ['a b'] } }],
  ['conjur', 'no such claim', { wish: { claims: ['nothing'] } }],
  ['conjur', 'an empty value', { claims: { ref: '' }, wish: { claims: ['ref'] } }],
  ['conjur', 'an identity with a line feed', { claims: { project_path: 'a\nb' } }],
  ['conjur', 'an identity that is a number', { wish: { identity: 'runner_id' } }],
  ['conjur', 'half a character', { claims: { ref: 'a\ud800' }, wish: { claims: ['ref'] } }],
  ['conjur', 'a job without a name', { ci: 'jenkins', claims: { sub: null } }],
  ['conjur', 'an issuer that is no URL', { claims: { iss: 'gitlab.example.com' } }],
  ['conjur', 'a host-id that is none of a host', { options: { identity: 'url' }, values: { 'host-id': 'alice' } }],
  ['vault', 'a list', { claims: { groups: ['a'] }, wish: { claims: ['groups'] } }],
  ['vault', 'a name that is a pointer', { claims: { '/a': 'b' }, wish: { claims: ['/a'] } }],
  ['vault', 'a path that is a pattern', { reads: ['app/*'] }],
  ['vault', 'a path with a wild segment', { reads: ['app/+/db'] }],
  ['vault', 'a path with a template', { reads: ['app/{{identity.entity.id}}'] }],
  ['gcp', 'a number', { wish: { claims: ['runner_id'] } }],
  ['gcp', 'a subject that is too long', { claims: { project_path: 'a'.repeat(128) } }],
  ['gcp', 'a name with a comma', { claims: { 'a,b': 'c' }, wish: { claims: ['a,b'] } }],
  ['gcp', 'no audience', { claims: { aud: null } }],
  ['fortipam', 'a line feed', { claims: { ref: 'a\nb' }, wish: { claims: ['ref'] } }],
  ['fortipam', 'a command of a log', { claims: { ref: '##vso[x]' }, wish: { claims: ['ref'] } }],
  ...['aws', 'azure', 'venafi'].flatMap((type): (readonly [string, string, PolicySetup])[] => [
    [type, 'another claim than sub', { wish: { claims: ['ref'] } }],
    [type, 'another identity than sub', { wish: { identity: 'project_path' } }],
    [type, 'a subject with the commit', { ci: 'buildkite' }],
    [type, 'a subject with the user', { ci: 'circleci' }],
    [type, 'no subject', { claims: { sub: null } }],
    [type, 'no audience', { claims: { aud: null } }],
  ]),
  ['azure', 'several audiences', { claims: { aud: ['a', 'b'] } }],
  ['azure', 'a subject that is too long', { claims: { sub: 'a'.repeat(601) } }],
];

test.each(IMPOSSIBLE)('%s cannot bind %s, and says so', async (type, _, setup) => {
  await expect(writtenPolicy(type, setup)).rejects.toMatchObject({ reason: 'POLICY_IMPOSSIBLE', exit: 65 });
});

test('vault compares numbers and booleans with their types', async () => {
  const setup = { claims: { flag: true }, wish: { claims: ['runner_id', 'flag'] } };
  const loaded = await withItsPolicy('vault', setup);
  await expect(loaded.logIn()).resolves.toBeDefined();
  for (const change of [{ runner_id: '1' }, { runner_id: 2 }, { flag: 'true' }, { flag: false }]) {
    await expect(loaded.exchange(await loaded.idToken(change))).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
  }
});

test.each(['saas', 'edge'])('conjur %s: each branch of policy gets its part', async (edition) => {
  const secrets = { 'data/app/db': 'v', 'data/app/other': 'v' };
  const setup = { options: { edition }, secrets, reads: ['data/app/db'], ...IMPATIENT };
  const loaded = await withItsPolicy('conjur', setup);
  const outcomes = await loaded.fetch(refs('data/app/db', 'data/app/other'));
  expect(outcomes.map((one) => 'value' in one)).toEqual([true, false]);
  const refused = loaded.exchange(await loaded.idToken({ project_id: '21' }));
  await expect(refused).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
});

test('conjur: what is named by its full id, or twice, is permitted once, by its own id', async () => {
  const reads = ['rehearsal:variable:app/db', 'app/db', 'app/tls'];
  const secrets = { 'app/db': 'v', 'app/tls': 'v', 'app/other': 'v' };
  const { policy } = await writtenPolicy('conjur', { secrets, reads });
  const permitted = policy.documents[0]?.text.split('\n').filter((line) => line.startsWith('    - !variable "'));
  expect(permitted).toEqual(['    - !variable "app/db"', '    - !variable "app/tls"']);
  const loaded = await withItsPolicy('conjur', { secrets, reads });
  const outcomes = await loaded.fetch(refs(...reads, 'app/other'));
  expect(outcomes.map((one) => 'value' in one)).toEqual([true, true, true, false]);
});

test('conjur: a host that the URL names is bound by its annotations alone', async () => {
  const loaded = await withItsPolicy('conjur', { options: { identity: 'url' }, ...IMPATIENT });
  await expect(loaded.logIn()).resolves.toBeDefined();
  for (const change of [{ project_path: 'acme/other' }, { ref: 'other' }]) {
    await expect(loaded.exchange(await loaded.idToken(change))).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
  }
});

test('gcp: the job may act as the service account that has the access', async () => {
  const setup = {
    options: { 'service-account': 'ci@p.iam.gserviceaccount.com' },
    secrets: { a: 'v', b: 'v' },
    reads: ['a'],
  };
  const outcomes = await (await withItsPolicy('gcp', setup)).fetch(refs('a', 'b'));
  expect(outcomes.map((one) => 'value' in one)).toEqual([true, false]);
});

test.each(Object.keys(FREE))(
  '%s: what is printed holds nothing that a terminal or a log would act on',
  async (type) => {
    const claims = { [FREE[type] ?? '']: '##vso[x]::add-mask::\u001b[2J\u202e' };
    const { policy } = await writtenPolicy(type, { claims });
    for (const { text } of policy.documents) {
      expect(text).not.toMatch(/##vso\[|::add|[^\P{C}\n]/u);
    }
  },
);

test('a claim that the token has not is refused with the one that is meant, and those that it has', async () => {
  await expect(writtenPolicy('vault', { ci: 'gitlab', wish: { claims: ['projectid'] } })).rejects.toMatchObject({
    reason: 'POLICY_IMPOSSIBLE',
    message: expect.stringMatching(/; did you mean "project_id"\?$/),
    hints: [expect.stringMatching(/^it has project_id, ref, /)],
  });
});
