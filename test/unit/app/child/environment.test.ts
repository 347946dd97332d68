import { describe, expect, test } from 'vitest';
import { asVariables, childEnvironment, distorted, tooBig } from '../../../../src/app/child/environment.ts';
import type { Secret } from '../../../../src/lib/secrets.ts';
import { Sensitive } from '../../../../src/lib/sensitive.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { canary } from '../../../support/canaries.ts';

const secret = (name: string, value: string | Buffer): Secret => ({
  name,
  value: new Sensitive(value),
  reference: name,
});

const NOTHING = {
  inherited: {},
  pristine: false,
  keep: [],
  preserve: [],
  keys: new Set<string>(),
  tokens: [],
  secrets: {},
};

const CASES: readonly (readonly [
  title: string,
  parts: Partial<Parameters<typeof childEnvironment>[0]>,
  env: object,
])[] = [
  ['what is inherited stays', { inherited: { A: 'a', B: undefined } }, { A: 'a' }],
  ['a secret wins', { inherited: { A: 'a' }, secrets: { A: 's' } }, { A: 's' }],
  [
    'unless its name is preserved',
    { inherited: { A: 'a' }, secrets: { A: 's', B: 't' }, preserve: ['A', 'B'] },
    { A: 'a', B: 't' },
  ],
  ['even one that is empty', { inherited: { A: '' }, secrets: { A: 's' }, preserve: ['A'] }, { A: '' }],
  ['ours go', { inherited: { SECRETCTL_X: '1', SECRET: '2' } }, { SECRET: '2' }],
  ['keys go', { inherited: { KEY: 'k', A: 'a' }, keys: new Set(['KEY']) }, { A: 'a' }],
  ['a key that is kept stays', { inherited: { KEY: 'k' }, keys: new Set(['KEY']), keep: ['KEY'] }, { KEY: 'k' }],
  ['request tokens go', { inherited: { ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'r', SYSTEM_ACCESSTOKEN: 'r' } }, {}],
  ['so does what the agent of Buildkite asks with', { inherited: { BUILDKITE_AGENT_ACCESS_TOKEN: 'r' } }, {}],
  ['tokens of older servers go', { inherited: { CI_JOB_JWT: 't', CI_JOB_JWT_V1: 't', CI_JOB_JWT_V2: 't' } }, {}],
  [
    'every token of a workspace goes',
    { inherited: { TFC_WORKLOAD_IDENTITY_TOKEN: 't', TFC_WORKLOAD_IDENTITY_TOKEN_VAULT: 't', TFC_WORKLOAD: 'w' } },
    { TFC_WORKLOAD: 'w' },
  ],
  [
    'a token goes by its value',
    { inherited: { A: 'tok', B: 'tok\n', C: 'tok2' }, tokens: [new Sensitive('tok')] },
    { C: 'tok2' },
  ],
  [
    'pristine is PATH, HOME, locale and what is kept',
    { inherited: { PATH: 'p', HOME: 'h', LANG: 'l', LC_ALL: 'c', USER: 'u', K: 'k' }, pristine: true, keep: ['K'] },
    { PATH: 'p', HOME: 'h', LANG: 'l', LC_ALL: 'c', K: 'k' },
  ],
];

test.each(CASES)('%s', (_, parts, env) => {
  expect(childEnvironment({ ...NOTHING, ...parts })).toEqual(env);
});

test('names that every object has are names like others', () => {
  const inherited = JSON.parse('{"__proto__":"inherited"}') as Record<string, string>;
  const secrets = asVariables([secret('__proto__', 'value'), secret('toString', 'text')]);
  const entries = (preserve: readonly string[]): unknown =>
    Object.entries(childEnvironment({ ...NOTHING, inherited, secrets, preserve }));
  expect(entries([])).toEqual([
    ['__proto__', 'value'],
    ['toString', 'text'],
  ]);
  expect(entries(['__proto__', 'toString'])).toEqual([
    ['__proto__', 'inherited'],
    ['toString', 'text'],
  ]);
});

describe('what no variable can hold', () => {
  const value = canary();
  test.each([
    ['a NUL byte', Buffer.from(`${value}\0`), 'NOT_REPRESENTABLE'],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from(value), Buffer.from([0xff])]), 'NOT_REPRESENTABLE'],
    ['more than the system takes', Buffer.from(value.repeat(5000)), 'ENV_TOO_BIG'],
  ])('%s', (_, bytes, reason) => {
    const attempt = (): unknown => asVariables([secret('FINE', 'x'), secret('ODD', bytes)]);
    expect(attempt).toThrow(
      expect.objectContaining({
        reason,
        facts: expect.objectContaining({ hint: expect.stringMatching(/file: true/) as unknown }) as unknown,
      }) as Error,
    );
    try {
      attempt();
    } catch (error) {
      expect(JSON.stringify(error)).toContain('ODD');
      expect(`${JSON.stringify(error)}${String(error)}`).not.toContain(value.slice(0, 8));
    }
  });

  test('the longest that the system takes is taken', () => {
    const name = 'NAME';
    const longest = 'x'.repeat(131_071 - name.length - 1);
    expect(asVariables([secret(name, longest)])).toEqual({ [name]: longest });
    expect(() => asVariables([secret(name, `${longest}x`)])).toThrow('too long');
  });

  test('what is too big altogether names the biggest', () => {
    const error = tooBig([secret('SMALL', 'x'), secret('BIG', 'y'.repeat(1000))], { A: 'a' });
    expect(error).toMatchObject({ reason: 'ENV_TOO_BIG' });
    expect(error.facts.details?.[0]).toBe('BIG has 1000 bytes');
  });
});

test('inherited variables that are not UTF-8 are named', () => {
  const { fs } = systemRuntime();
  const readFileSync = (() => Buffer.from('A=\xff\0B=fine\0C=\xfe\0', 'latin1')) as unknown as typeof fs.readFileSync;
  expect(distorted({ A: '?', B: 'fine' }, { fs: { ...fs, readFileSync } })).toEqual(['A']);
});
