import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { protegrity } from '../../../../src/backends/protegrity/index.ts';
import { AccessTokenRefused, isRefreshing } from '../../../../src/backends/types.ts';
import type { AccessToken } from '../../../../src/lib/tokens.ts';
import { type BackendSetup, type RehearsedBackend, refs, rehearseBackend } from '../../../support/rehearsed-backend.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'protegrity-'));
afterAll(() => rmSync(directory, { recursive: true }));

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PUBLIC = written('public.pem', keys.publicKey.export({ type: 'spki', format: 'pem' }));
const PRIVATE = written('private.pem', keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));

function written(name: string, content: string | Buffer): string {
  const file = path.join(directory, name);
  writeFileSync(file, content);
  return file;
}

const rehearse = (setup: BackendSetup = {}): Promise<RehearsedBackend> => rehearseBackend(protegrity, setup);

async function refreshed({ backend }: RehearsedBackend, token: AccessToken): Promise<AccessToken> {
  if (!isRefreshing(backend)) throw new Error('cannot refresh');
  return backend.refresh(token);
}

test.each<[string, BackendSetup, string]>([
  ['esa', { values: { 'key-file': PUBLIC } }, 'POST /pty/v1/rps/export?version=1&coreversion=1'],
  ['ppc', { options: { edition: 'ppc' } }, 'GET /pty/v1/rps/export'],
])('%s: name and password, then the resilient package', async (_, setup, request) => {
  const backend = await rehearse({ ...setup, secrets: { 'v1/rps/export': '{"label":"resilient"}' } });
  const [outcome] = await backend.fetch(refs('v1/rps/export'));
  expect(outcome).toHaveProperty('value');
  expect(backend.taken().at(-1)).toBe(request);
});

test.each<[string, BackendSetup]>([
  ['esa, with the token itself', {}],
  ['ppc, with the refresh token', { options: { edition: 'ppc' } }],
])('a token is renewed: %s', async (_, setup) => {
  const backend = await rehearse(setup);
  const token = await backend.logIn();
  const renewed = await refreshed(backend, token);
  expect(renewed.value.reveal()).not.toEqual(token.value.reveal());
  const outcomes = await backend.backend.fetchSecrets(renewed, refs('v1/rps/metadata'));
  expect(outcomes[0]).toHaveProperty('value');
  expect(backend.taken()[1]).toMatch(/\/auth\/login\/token\/refresh$/);
});

test('a token that cannot be renewed any more is told from other refusals', async () => {
  const backend = await rehearse();
  const token = await backend.logIn();
  backend.rehearsal.disturb('revoke-tokens');
  await expect(refreshed(backend, token)).rejects.toBeInstanceOf(AccessTokenRefused);
});

test('the end of a token is its own claim', async () => {
  const { logIn } = await rehearse({ options: { 'token-lifetime': '120' } });
  const { lifetimeSeconds } = await logIn();
  expect(lifetimeSeconds).toBeGreaterThan(110);
  expect(lifetimeSeconds).toBeLessThanOrEqual(121);
});

test.each<[string, BackendSetup, RegExp]>([
  ['a wrong password', { values: { password: 'wrong-password-1' } }, /AUTH_REFUSED.*name or password/],
  ['a user without the permission', { options: { 'may-log-in': 'no' } }, /AUTH_REFUSED.*Can Create JWT Token/],
  ['another edition', { values: { edition: 'ppc' } }, /AUTH_REFUSED.*edition/],
  [
    'a failure in a 200',
    { faults: ['exchange:200;body={"status":401,"messages":["no"],"data":null}'] },
    /UNEXPECTED_ANSWER/,
  ],
  [
    'an answer without a token',
    { faults: ['exchange:200;body={"status":0,"messages":[],"data":null}'] },
    /UNEXPECTED_ANSWER/,
  ],
])('%s is refused, with what to do and nothing of the password', async (_, setup, expected) => {
  const { logIn, lines } = await rehearse(setup);
  const error: unknown = await logIn().catch((error_: unknown) => error_);
  const text = JSON.stringify({ ...(error as object), message: `${error}` });
  expect(text.replaceAll('\n', ' ')).toMatch(new RegExp(expected.source.split('.*')[0] ?? ''));
  expect(text).toMatch(new RegExp(expected.source.split('.*')[1] ?? ''));
  expect(`${text}${lines.join()}`).not.toContain('wrong-password-1');
});

test.each<[string, string, RegExp]>([
  ['no file', path.join(directory, 'nothing.pem'), /key-file/],
  ['a private key', PRIVATE, /private key/],
  ['no key at all', written('text.pem', 'hello'), /no public key/],
])('%s in place of the key is refused before a packet', async (_, file, message) => {
  await expect(rehearse({ values: { 'key-file': file } })).rejects.toThrow(message);
});

test('the package without a key is a fault of the configuration', async () => {
  const backend = await rehearse();
  await expect(backend.fetch(refs('v1/rps/export'))).rejects.toMatchObject({ reason: 'CONFIG_INVALID' });
});

test.each(['{}', '{"status":404,"messages":["x"],"data":null}', '{"errors":["x"]}', '[1]', 'null'])(
  '%s in place of a document never becomes a value',
  async (body) => {
    const backend = await rehearse({ faults: [`read:200;body=${body}`] });
    await expect(backend.fetch(refs('v1/rps/metadata'))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  },
);

test.each([['../api/v1/x'], ['v1//x'], ['/v1/x'], ['v1/x/'], ['a/./b'], ['a\ud800']])(
  '%j is no document, and nothing is asked for',
  async (place) => {
    const { backend, logIn, taken } = await rehearse();
    const token = await logIn();
    const wanted = refs('v1/rps/metadata', place);
    await expect(async () => backend.fetchSecrets(token, wanted)).rejects.toMatchObject({
      reason: 'REFERENCE_INVALID',
    });
    expect(() => backend.plan(wanted)).toThrow(expect.objectContaining({ reason: 'REFERENCE_INVALID' }));
    expect(taken()).toHaveLength(1);
  },
);

test.each(['400', '500', 'html', 'empty', 'badjson', '200;body={"status":0,"data":null}'])(
  'a refresh that is answered with %s brings no token',
  async (fault) => {
    const backend = await rehearse({ faults: [`any#2:${fault}*9`] });
    const token = await backend.logIn();
    await expect(refreshed(backend, token)).rejects.toMatchObject({ name: 'SecretctlError' });
  },
);
