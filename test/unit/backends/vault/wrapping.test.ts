import { expect, test } from 'vitest';
import { wrappingToken } from '../../../../src/backends/vault/wrapping.ts';
import { jsonIn } from '../../../../src/lib/json.ts';
import { findLeaks } from '../../../support/canaries.ts';
import { refs } from '../../../support/rehearsed-backend.ts';
import { Sensitive } from '../../../../src/lib/sensitive.ts';
import type { BackendSetup, RehearsedBackend } from '../../../support/rehearsed-backend.ts';
import { rehearse, told } from './rehearsed.ts';

const LOGIN = 'POST /v1/auth/jwt/login';
const LOOK_UP = 'POST /v1/sys/wrapping/lookup';
const UNWRAP = 'POST /v1/sys/wrapping/unwrap';

/** The answers for references to one path, each still wrapped, and a way to have another backend open one. */
async function wrapped(setup: BackendSetup = {}): Promise<RehearsedBackend & { readonly tokens: readonly string[] }> {
  const wrapping = await rehearse({ ...setup, values: { 'wrap-for': '60s', engine: 'kv-v2', ...setup.values } });
  const outcomes = await wrapping.fetch(refs('app/db', 'app/db', 'app/key'));
  return { ...wrapping, tokens: outcomes.map(told) };
}

/** A backend of the same server that has a wrapping token. */
function opening({ rehearsal }: RehearsedBackend, token: string, wrappedPath: string): Promise<RehearsedBackend> {
  return rehearse({ on: rehearsal, values: { 'wrapping-token': token, 'wrapped-path': wrappedPath } });
}

test('what is read stays wrapped: a token for each reference', async () => {
  const { tokens, taken } = await wrapped();
  expect(new Set(tokens).size).toBe(3);
  for (const token of tokens) expect(token).toMatch(/^hvs\./);
  expect(taken()).toEqual([
    LOGIN,
    'GET /v1/secret/data/app/db',
    'GET /v1/secret/data/app/db',
    'GET /v1/secret/data/app/key',
  ]);
});

test('a wrapping token is looked up and opened once, for all references to it', async () => {
  const given = await wrapped();
  const { fetch, taken } = await opening(given, given.tokens[0] ?? '', 'secret/data/app/db');
  taken();
  const outcomes = await fetch(
    refs('sys/wrapping/unwrap#user', 'sys/wrapping/unwrap#port', 'sys/wrapping/unwrap#none'),
  );
  expect(outcomes.map(told)).toEqual(['shop', '5432', 'missing: the field is null']);
  expect(taken()).toEqual([LOGIN, LOOK_UP, UNWRAP]);
});

test('a used one is possibly intercepted, and its text is not in the message', async () => {
  const given = await wrapped();
  const token = given.tokens[2] ?? '';
  const first = await opening(given, token, 'secret/data/app/key');
  expect((await first.fetch(refs('sys/wrapping/unwrap'))).map(told)).toEqual(['third']);
  const second = await opening(given, token, 'secret/data/app/key');
  const error: unknown = await second.fetch(refs('sys/wrapping/unwrap')).catch((error_: unknown) => error_);
  expect(error).toMatchObject({
    reason: 'SECRET_DENIED',
    message: expect.stringContaining('possibly intercepted') as string,
  });
  expect(findLeaks('error', String(error), [{ secret: token, window: 8 }])).toEqual([]);
});

test('one that was made at another path is not opened', async () => {
  const given = await wrapped();
  const { fetch, taken } = await opening(given, given.tokens[0] ?? '', 'secret/data/app/key');
  taken();
  await expect(fetch(refs('sys/wrapping/unwrap#user'))).rejects.toMatchObject({ reason: 'SECRET_DENIED' });
  expect(taken()).toEqual([LOGIN, LOOK_UP]);
});

test('version 1 of the engine, dynamic secrets', async () => {
  const given = await wrapped({ options: { engine: 'kv-v1' }, values: { engine: 'kv-v1' } });
  const { fetch } = await opening(given, given.tokens[0] ?? '', 'secret/app/db');
  expect((await fetch(refs('sys/wrapping/unwrap#user'))).map(told)).toEqual(['shop']);
});

test('a login that comes wrapped is opened', async () => {
  const { fetch, taken } = await rehearse({ options: { 'wrapped-login': 'on' }, values: { engine: 'kv-v2' } });
  expect((await fetch(refs('app/key'))).map(told)).toEqual(['third']);
  expect(taken()).toEqual([LOGIN, LOOK_UP, UNWRAP, 'GET /v1/secret/data/app/key']);
});

test('what is missing or forbidden is not wrapped', async () => {
  const { fetch } = await rehearse({ values: { 'wrap-for': '60' }, forbidden: new Set(['app/db']) });
  expect((await fetch(refs('app/db', 'gone'))).map((one) => told(one).split(':', 1)[0])).toEqual([
    'forbidden',
    'missing',
  ]);
});

test('fields of what stays wrapped, a version of what was wrapped, a token without its path', async () => {
  const wrapping = await rehearse({ values: { 'wrap-for': '60s' } });
  await expect(wrapping.fetch(refs('app/db#user'))).rejects.toMatchObject({ reason: 'REFERENCE_INVALID' });
  const { fetch } = await rehearse({ values: { 'wrapping-token': 'hvs.x', 'wrapped-path': 'secret/app' } });
  const old = refs('sys/wrapping/unwrap').map((ref) => ({ ...ref, version: 1 }));
  await expect(fetch(old)).rejects.toMatchObject({ reason: 'REFERENCE_INVALID' });
  const without = await rehearse();
  await expect(without.fetch(refs('sys/wrapping/unwrap'))).rejects.toMatchObject({ reason: 'CONFIG_INVALID' });
});

test.each([
  ['made elsewhere', '{"wrap_info":{"token":"hvs.x","creation_path":"sys/wrapping/wrap"}}'],
  ['made nowhere', '{"wrap_info":{"token":"hvs.x"}}'],
  ['a tail of the path without a slash', '{"wrap_info":{"token":"hvs.x","creation_path":"app"}}'],
  ['no token', '{"wrap_info":{"creation_path":"secret/data/app"}}'],
  ['a token that no header carries', '{"wrap_info":{"token":"a\\nb","creation_path":"secret/data/app"}}'],
  ['two tokens', '{"wrap_info":{"token":"a","token":"b","creation_path":"secret/data/app"}}'],
  ['nothing wrapped', '{"data":{"data":{}}}'],
])('%s is no wrapping token', (_what, text) => {
  const envelope = jsonIn(Buffer.from(text));
  if (envelope?.kind !== 'object') throw new Error('no object');
  expect(() => wrappingToken(envelope, 'secret/data/app', 'GET /x')).toThrow(
    expect.objectContaining({ reason: 'UNEXPECTED_ANSWER' }) as Error,
  );
});

test('the namespace may stand in front of the path', () => {
  const envelope = jsonIn(Buffer.from('{"wrap_info":{"token":"hvs.x","creation_path":"secret/data/app"}}'));
  if (envelope?.kind !== 'object') throw new Error('no object');
  const token = wrappingToken(envelope, 'team/a/secret/data/app', 'GET /x');
  expect(token).toBeInstanceOf(Sensitive);
  expect(token.reveal().toString()).toBe('hvs.x');
});
