import { describe, expect, test } from 'vitest';
import { type Configured, load, textOf } from '../../support/configured.ts';

const WORDS = ['get-token', '--audience', 'a b,c', ''];

/** A configuration whose backend has this `token:` block. */
function withToken(token: string): Configured {
  const file = `backends: { v: { type: vault, url: "https://vault.example.test", token: ${token} } }\n`;
  return { files: { 'secretctl.yaml': file }, args: ['A=kv/a'] };
}

async function tokenOf(configured: Configured) {
  const { settings, error } = await load(configured);
  return settings?.backends[0]?.token ?? textOf(error);
}

describe('a program that prints the ID token', () => {
  test.each<[string, Configured]>([
    ['the file, as a list', withToken(`{ command: ${JSON.stringify(WORDS)} }`)],
    ['a variable', { ...withToken('{}'), env: { SECRETCTL_TOKEN_COMMAND: JSON.stringify(WORDS) } }],
    ['a flag', { ...withToken('{ env: MINE }'), flags: { 'token-command': JSON.stringify(WORDS) } }],
  ])('%s', async (_, configured) => {
    expect(await tokenOf(configured)).toEqual({ command: WORDS });
  });

  test('as words', async () => {
    expect(await tokenOf(withToken('{ command: get-token --now }'))).toEqual({ command: ['get-token', '--now'] });
  });

  test.each([
    '{ command: [] }',
    '{ command: [get-token, 1] }',
    '{ command: { a: b } }',
    '{ command: [[a]] }',
    '{ command: 7 }',
  ])('not %s', async (token) => {
    expect(await tokenOf(withToken(token))).toMatch(/token\.command must be a program and its arguments/);
  });

  test('not from a file where an owner has said where tokens may go', async () => {
    const env = { SECRETCTL_ALLOWED_ORIGINS: 'https://vault.example.test' };
    const refused = await load({ ...withToken('{ command: [get-token] }'), env });
    expect(refused.error).toMatchObject({ reason: 'ENDPOINT_NOT_ALLOWED' });
    const said = { ...withToken('{ command: [other] }'), env: { ...env, SECRETCTL_TOKEN_COMMAND: 'get-token' } };
    expect(await tokenOf(said)).toEqual({ command: ['get-token'] });
  });
});

describe('a source by its name', () => {
  test('in the file, and stronger in a flag', async () => {
    expect(await tokenOf(withToken('{ source: google }'))).toEqual({ source: 'google' });
    expect(await tokenOf({ ...withToken('{ source: google }'), flags: { 'token-source': 'eks' } })).toEqual({
      source: 'eks',
    });
  });

  test('one that is not known', async () => {
    expect(await tokenOf(withToken('{ source: travis }'))).toMatch(/token\.source must be one of .*github/);
  });

  test('beside another place', async () => {
    expect(await tokenOf(withToken('{ source: google, env: MINE }'))).toMatch(/exclude each other/);
  });
});
