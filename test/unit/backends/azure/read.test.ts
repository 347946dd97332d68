import { expect, test } from 'vitest';
import { refuseToken } from '../../../../src/backends/azure/challenge.ts';
import { AccessTokenRefused, type Outcome } from '../../../../src/backends/types.ts';
import { versionId } from '../../../../src/dev/azure/vault.ts';
import { SecretctlError } from '../../../../src/lib/errors.ts';
import type { HttpAnswer } from '../../../../src/lib/http.ts';
import { refs } from '../../../support/rehearsed-backend.ts';
import { mostUnderWay } from '../../../support/under-way.ts';
import { BYTES, rehearse, told } from './rehearsed.ts';

const SECOND = versionId('app/key', 1);
const API = '?api-version=7.4';
const TENANT = '11111111-2222-4333-8444-555555555555';
const IDENTITY = { tenant: TENANT, clientId: TENANT, scope: 'https://vault.azure.net/.default' };

test('a name, a path with a slash, and a version of each', async () => {
  const { fetch, taken } = await rehearse();
  const outcomes = await fetch(refs('plain', 'app/key', `app/key/${SECOND}`, `app/key/${SECOND.toUpperCase()}`));
  expect(outcomes.map(told)).toEqual(['as it is', 'third', 'second', 'second']);
  expect(outcomes.map(versionOf)).toEqual([versionId('plain', 0), versionId('app/key', 2), SECOND, SECOND]);
  expect(taken().slice(1).toSorted()).toEqual([
    `GET /secrets/app--key/${SECOND}${API}`,
    `GET /secrets/app--key${API}`,
    `GET /secrets/plain${API}`,
  ]);
});

test("a secret's identifier in this vault is as good as its name", async () => {
  const { fetch, rehearsal } = await rehearse();
  const wanted = refs(`${rehearsal.url}/secrets/plain`, `${rehearsal.url}/secrets/app--key/${SECOND}`);
  expect((await fetch(wanted)).map(told)).toEqual(['as it is', 'second']);
});

test('names have no letter case, and one read brings all of one name', async () => {
  const { fetch, rehearsal } = await rehearse();
  expect((await fetch(refs('plain', 'PLAIN', 'Plain'))).map(told)).toEqual(Array(3).fill('as it is'));
  expect(rehearsal.report().reads).toBe(1);
});

test('another version of the API', async () => {
  const { fetch, taken } = await rehearse({ values: { 'api-version': '2025-07-01' } });
  expect((await fetch(refs('plain'))).map(told)).toEqual(['as it is']);
  expect(taken()[1]).toBe('GET /secrets/plain?api-version=2025-07-01');
});

test('a version of the API that the vault does not know is told so', async () => {
  const { fetch } = await rehearse({ values: { 'api-version': '1.0' } });
  await expect(fetch(refs('plain'))).rejects.toMatchObject({
    reason: 'BAD_REQUEST',
    message: expect.stringContaining('BadParameter'),
  });
});

test.each([
  'with_underscore',
  'with.dot',
  'with space',
  'ümlaut',
  'a'.repeat(128),
  'app//key',
  'https://other.vault.azure.net/secrets/plain',
  'http://127.0.0.1/secrets/plain',
  'https://',
])('a reference that no vault can have is refused before anything is sent: %s', async (text) => {
  const { backend, logIn, rehearsal } = await rehearse();
  const accessToken = await logIn();
  const fetching = backend.fetchSecrets(accessToken, refs('plain', text));
  await expect(fetching).rejects.toMatchObject({
    reason: 'REFERENCE_INVALID',
    facts: { details: [expect.any(String)] },
  });
  expect(rehearsal.report().reads).toBe(0);
});

test('a numbered version is refused: versions here have no numbers', async () => {
  const { backend, logIn } = await rehearse();
  const wanted = refs('plain').map((ref) => ({ ...ref, version: 2 }));
  await expect(backend.fetchSecrets(await logIn(), wanted)).rejects.toMatchObject({ reason: 'REFERENCE_INVALID' });
});

test.each<[string, Record<string, string>, RegExp]>([
  ['roles', { permissions: 'rbac' }, /ForbiddenByRbac.*Key Vault Secrets User/],
  ['access policies', { permissions: 'policy' }, /AccessDenied.*permission Get/],
])('403 by %s says what is wanting', async (_, options, reason) => {
  const { fetch } = await rehearse({ options, forbidden: new Set(['locked']) });
  const [locked, plain] = await fetch(refs('locked', 'plain'));
  expect(told(locked)).toMatch(/^forbidden: /);
  expect(told(locked)).toMatch(reason);
  expect(told(plain)).toBe('as it is');
});

test('a closed firewall, a disabled version and a missing one are told apart', async () => {
  const closed = await rehearse({ options: { firewall: 'closed' } });
  expect((await closed.fetch(refs('plain'))).map(told)).toEqual([
    expect.stringMatching(/ForbiddenByFirewall.*address/),
  ]);
  const { fetch } = await rehearse({ options: { disabled: 'app--key' } });
  const outcomes = await fetch(refs('app/key', `app/key/${SECOND}`, `app/key/${'0'.repeat(32)}`, 'nothing'));
  expect(outcomes.map(told)).toEqual([
    expect.stringMatching(/^forbidden: .*SecretDisabled.*disabled/),
    'second',
    expect.stringMatching(/^missing: /),
    expect.stringMatching(/^missing: /),
  ]);
});

test('a secret past its end comes, as the vault has it, with a warning that names it', async () => {
  const { fetch, lines } = await rehearse({ options: { expired: 'plain' } });
  expect((await fetch(refs('plain', 'app/key'))).map(told)).toEqual(['as it is', 'third']);
  const warnings = lines.filter((line) => line.includes('past its end'));
  expect(warnings).toEqual([expect.stringContaining('S0')]);
  expect(warnings.join()).not.toContain('as it is');
});

const ID = `https://v.vault.azure.net/secrets/plain/${'a'.repeat(32)}`;
const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);

test.each<[string, string, RegExp | undefined]>([
  ['no times', '{"enabled":true}', undefined],
  ['times that fit', `{"nbf":${NOW - DAY},"exp":${NOW + DAY}}`, undefined],
  ['an end that is past', '{"nbf":1700000000,"exp":1700000001}', /past its end .*2023-11-14T22:13:21.000Z/],
  ['a beginning that is to come', `{"nbf":${NOW + DAY},"exp":${NOW + DAY}}`, /not to be used yet/],
  ['an end that is none', '{"exp":-5}', undefined],
])('a secret with %s comes, with a warning where its times do not fit', async (_, attributes, warning) => {
  const body = `{"value":"as it is","id":"${ID}","attributes":${attributes}}`;
  const { fetch, lines } = await rehearse({ faults: [`read:200;body=${body}`] });
  expect((await fetch(refs('plain'))).map(told)).toEqual(['as it is']);
  const warnings = lines.filter((line) => line.includes('plain') && line.includes('warning'));
  expect(warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)]);
});

test('what the Azure CLI stored encoded comes decoded, unless that is off', async () => {
  for (const encoding of ['base64', 'hex'] as const) {
    const on = await rehearse({ options: { encoding } });
    const [outcome] = await on.fetch(refs('app/bytes'));
    expect(outcome !== undefined && 'value' in outcome && outcome.value.reveal()).toEqual(BYTES);
    const off = await rehearse({ options: { encoding }, values: { 'keep-encoded': 'true' } });
    expect((await off.fetch(refs('app/bytes'))).map(told)).toEqual([BYTES.toString(encoding)]);
  }
});

test("a certificate's secret stays base64, unless its content type is to be decoded", async () => {
  const options = { certificates: 'certificate' };
  const text = 'stands for a PKCS#12 file';
  const plain = await rehearse({ options });
  expect((await plain.fetch(refs('certificate'))).map(told)).toEqual([Buffer.from(text).toString('base64')]);
  const decoding = await rehearse({ options, values: { 'base64-content-types': 'application/x-pkcs12' } });
  expect((await decoding.fetch(refs('certificate', 'plain'))).map(told)).toEqual([text, 'as it is']);
});

test.each<[string, string]>([
  ['another secret', `{"value":"canary-azure","id":"${ID.replace('plain', 'other')}"}`],
  ['no identifier', '{"value":"canary-azure"}'],
  ['no value', `{"id":"${ID}"}`],
  ['a value that is no text', `{"value":{"x":"canary-azure"},"id":"${ID}"}`],
  ['half a character', `{"value":"canary\\ud800","id":"${ID}"}`],
  ['two values', `{"value":"canary-azure","value":"b","id":"${ID}"}`],
  ['a tag that lies', `{"value":"canary-azure!","id":"${ID}","tags":{"file-encoding":"base64"}}`],
])('%s in place of what was asked for never becomes a value, nor a message', async (_, body) => {
  const { fetch } = await rehearse({ faults: [`read:200;body=${body}`] });
  const failing = fetch(refs('plain'));
  await expect(failing).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  await expect(failing).rejects.not.toThrow(/canary/);
});

test.each<[string, string, string]>([
  ['404 without a word of the vault', '404;body={}', 'BAD_REQUEST'],
  ['404 that is not about a secret', '404;body={"error":{"code":"ResourceNotFound","message":"x"}}', 'BAD_REQUEST'],
  ['404 as a page', 'html;status=404', 'NOT_THE_API'],
  ['403 as a page', 'html;status=403', 'NOT_THE_API'],
  ['429', '429', 'RATE_LIMITED'],
  ['a wait beyond the deadline', '429;retry-after=86400', 'RATE_LIMITED'],
  ['503', '503', 'UNAVAILABLE'],
])('%s is told for what it is', async (_, fault, reason) => {
  const { fetch } = await rehearse({ faults: [`read:${fault}`] });
  await expect(fetch(refs('plain'))).rejects.toMatchObject({ reason });
});

test('429 that passes is waited for', async () => {
  const { fetch } = await rehearse({ faults: ['read#1:429'] });
  expect((await fetch(refs('plain'))).map(told)).toEqual(['as it is']);
});

const CHALLENGE = 'Bearer authorization="https://login.microsoftonline.com/';
const ANOTHER = '99999999-2222-4333-8444-555555555555';

test.each<[string, string, RegExp]>([
  ['another tenant', `${CHALLENGE}${ANOTHER}", resource="https://vault.azure.net"`, /tenant-id must be that one/],
  [
    'another resource',
    `${CHALLENGE}${TENANT}", resource="https://vault.azure.cn"`,
    /scope must be https:\/\/vault\.azure\.cn\/\.default/,
  ],
])('a challenge for %s is explained: a fresh access token would not help', (_, header, hint) => {
  const refusing = (): never => refuseToken(unauthorized(header), IDENTITY, '');
  expect(refusing).toThrow(SecretctlError);
  expect(refusing).toThrow(
    expect.objectContaining({
      reason: 'AUTH_REFUSED',
      facts: expect.objectContaining({ hint: [expect.stringMatching(hint)] }),
    }),
  );
});

test.each([
  ['the same tenant and resource', `${CHALLENGE}${TENANT}", resource="https://vault.azure.net"`],
  ['the resource with a slash', `${CHALLENGE}${TENANT.toUpperCase()}", resource="https://vault.azure.net/"`],
  ['nothing', ''],
])('a challenge for %s means a stale access token', (_, header) => {
  expect(() => refuseToken(unauthorized(header), IDENTITY, '')).toThrow(AccessTokenRefused);
});

test("a challenge says nothing against a scope that is an application's id", () => {
  const identity = { ...IDENTITY, scope: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093/.default' };
  const header = `${CHALLENGE}${TENANT}", resource="https://vault.azure.net"`;
  expect(() => refuseToken(unauthorized(header), identity, '')).toThrow(AccessTokenRefused);
});

function unauthorized(header: string): HttpAnswer {
  return {
    request: 'GET https://v.example/secrets/plain',
    tries: { count: 1, elapsedMs: 0 },
    status: 401,
    headers: { 'www-authenticate': header },
    body: Buffer.alloc(0),
    clockOffsetMs: undefined,
    requestId: undefined,
  };
}

test('thirty secrets: one exchange and a read each, eight at a time', async () => {
  const secrets = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`many/s${index}`, `value ${index}`]));
  const { fetch, http, rehearsal } = await rehearse({ secrets, latencyMs: 5 });
  const most = mostUnderWay(http);
  expect((await fetch(refs(...Object.keys(secrets)))).map(told)).toEqual(Object.values(secrets));
  expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 30 });
  expect(rehearsal.requests).toHaveLength(31);
  expect(most()).toBe(8);
});

function versionOf(outcome: Outcome): string | undefined {
  return 'version' in outcome ? outcome.version : undefined;
}
