import { randomBytes, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { certificates } from '../../../../src/dev/venafi/made-up.ts';
import { readOptions } from '../../../../src/dev/venafi/options.ts';
import { uuidOf } from '../../../../src/dev/venafi/store.ts';
import { openTokens } from '../../../../src/dev/venafi/token.ts';
import { call } from '../../../support/call.ts';
import { exchange, loggedIn, openVenafi, tokenPath } from './open-venafi.ts';

const WWW = 'www.example.com';
const CERTIFICATES = '/outagedetection/v1/certificates';
const CERTIFICATE = `${CERTIFICATES}/${uuidOf(`certificate 0 ${WWW}`)}`;
const SEARCH = '/outagedetection/v1/certificatesearch';

describe('the token endpoint', () => {
  test('takes a good ID token', async () => {
    const { status, text } = await exchange(await openVenafi());
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 900 });
  });

  test.each<[string, Readonly<Record<string, string | undefined>>, string]>([
    ['another grant', { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' }, 'unsupported_grant_type'],
    ['no grant', { grant_type: undefined }, 'unsupported_grant_type'],
    ['another kind of assertion', { client_assertion_type: 'jwt' }, 'invalid_request'],
    ['no assertion', { client_assertion: undefined }, 'invalid_request'],
    ['a client id', { client_id: 'x' }, 'invalid_request'],
    ['a scope', { scope: 'x' }, 'invalid_request'],
    ['no token', { client_assertion: 'x' }, 'invalid_client'],
  ])('refuses %s', async (_, fields, error) => {
    const { status, text } = await exchange(await openVenafi(), fields);
    expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 400, error });
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['another subject', { sub: 'project_path:acme/shop:ref_type:branch:ref:other' }],
    ['another issuer', { iss: 'https://elsewhere.example.com' }],
    ['another audience', { aud: 'elsewhere' }],
    ['no iat', { iat: null }],
    ['no exp', { exp: null }],
    ['a life of 7,201 s', { iat: Math.floor(Date.now() / 1000) - 60, exp: Math.floor(Date.now() / 1000) + 7141 }],
    ['an end that is past', { exp: Math.floor(Date.now() / 1000) - 1 }],
    ['a start that is ahead', { nbf: Math.floor(Date.now() / 1000) + 60 }],
  ])('refuses a token with %s', async (_, claims) => {
    const rehearsal = await openVenafi();
    const { status, text } = await exchange(rehearsal, { client_assertion: await rehearsal.token(claims) });
    expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 400, error: 'invalid_client' });
  });

  test('takes a token that lives exactly two hours, and several audiences', async () => {
    const rehearsal = await openVenafi();
    const iat = Math.floor(Date.now() / 1000) - 60;
    const claims = { iat, exp: iat + 7200, aud: ['elsewhere', rehearsal.audience] };
    expect(await exchange(rehearsal, { client_assertion: await rehearsal.token(claims) })).toMatchObject({
      status: 200,
    });
  });

  test('refuses JSON, GET and another tenant', async () => {
    const rehearsal = await openVenafi();
    expect(await exchange(rehearsal, {}, { 'content-type': 'application/json' })).toMatchObject({ status: 415 });
    expect(await call(rehearsal, 'GET', tokenPath(rehearsal))).toMatchObject({ status: 405 });
    expect(await call(rehearsal, 'POST', '/v1/oauth2/v2.0/other/token')).toMatchObject({ status: 404 });
  });
});

describe('an access token', () => {
  test('is asked for in every request, as a bearer token', async () => {
    const rehearsal = await openVenafi();
    for (const authorization of ['', 'Bearer x', 'Basic x']) {
      const answer = await call(rehearsal, 'GET', CERTIFICATE, {
        headers: authorization === '' ? {} : { authorization },
      });
      expect(answer).toMatchObject({ status: 401, type: 'application/json' });
    }
    const ask = await loggedIn(rehearsal);
    expect(await ask('GET', CERTIFICATE)).toMatchObject({ status: 200 });
    rehearsal.disturb('revoke-tokens');
    expect(await ask('GET', CERTIFICATE)).toMatchObject({ status: 401 });
  });

  test('ends', () => {
    let now = 0;
    const options = readOptions(new Map([['token-lifetime', '900']]));
    const tokens = openTokens({ now: () => now, random: randomBytes }, options);
    const authorization = `Bearer ${tokens.issue()}`;
    now = 899_999;
    expect(tokens.admit(authorization)).toBe(true);
    now = 900_000;
    expect(tokens.admit(authorization)).toBe(false);
  });
});

describe('the API', () => {
  const named = (field: string, operator: string, value: unknown): object => ({
    expression: { operator: 'AND', operands: [{ field, operator, value }] },
  });

  test('finds by name and by fingerprint, what may not be read as well', async () => {
    const rehearsal = await openVenafi();
    const ask = await loggedIn(rehearsal);
    const pem = rehearsal.paths.get(WWW)?.toString() ?? '';
    const fingerprint = new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERT'))).fingerprint.replaceAll(':', '');
    for (const query of [named('subjectCN', 'EQ', WWW), named('fingerprint', 'MATCH', fingerprint)]) {
      const { text } = await ask('POST', SEARCH, query);
      expect(JSON.parse(text)).toMatchObject({ count: 1, certificates: [{ subjectCN: [WWW], fingerprint }] });
    }
    const { text } = await ask('POST', SEARCH, named('subjectCN', 'EQ', 'closed.example.com'));
    const {
      certificates: [closed],
    } = JSON.parse(text) as { certificates: { id: string }[] };
    expect(await ask('GET', `${CERTIFICATES}/${closed?.id}`)).toMatchObject({ status: 403 });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['no operands', { expression: {} }],
    ['another field', named('shoeSize', 'EQ', '42')],
    ['another operator', named('subjectCN', 'LIKE', WWW)],
    ['a number', named('subjectCN', 'EQ', 5)],
    ['a combination it does not know', { expression: { operator: 'XOR', operands: [] } }],
  ])('refuses a search for %s', async (_, query) => {
    const ask = await loggedIn(await openVenafi());
    expect(await ask('POST', SEARCH, query)).toMatchObject({ status: 400, type: 'application/json' });
  });

  test.each([
    ['', 3],
    ['?format=PEM&chainOrder=EE_FIRST', 3],
    ['?chainOrder=ROOT_FIRST', 3],
    ['?chainOrder=EE_ONLY', 1],
  ])('contents%s', async (query, count) => {
    const ask = await loggedIn(await openVenafi());
    const { status, text } = await ask('GET', `${CERTIFICATE}/contents${query}`);
    const found = (text.match(/-----BEGIN[^]*?-----END.*\n/g) ?? []).map((pem) => new X509Certificate(pem));
    expect(status).toBe(200);
    expect(found).toHaveLength(count);
    expect(found.findIndex((one) => !one.ca)).toBe(query.includes('ROOT_FIRST') ? 2 : 0);
  });

  test('contents in DER are the certificate', async () => {
    const rehearsal = await openVenafi();
    const ask = await loggedIn(rehearsal);
    expect(await ask('GET', `${CERTIFICATE}/contents?format=DER`)).toMatchObject({
      status: 200,
      type: 'application/octet-stream',
    });
  });

  test.each<[string, string, unknown?]>([
    ['GET', `${CERTIFICATE}/contents?format=JKS`],
    ['GET', `${CERTIFICATE}/contents?chainOrder=ANY`],
    ['POST', `${CERTIFICATE}/keystore`],
    [
      'POST',
      `${CERTIFICATE}/keystore`,
      { exportFormat: 'JKS', encryptedPrivateKeyPassphrase: '', encryptedKeystorePassphrase: '' },
    ],
    [
      'POST',
      `${CERTIFICATE}/keystore`,
      {
        exportFormat: 'PEM',
        encryptedPrivateKeyPassphrase: Buffer.from('plain').toString('base64'),
        encryptedKeystorePassphrase: '',
      },
    ],
  ])('refuses %s %s %j', async (method, target, body) => {
    const ask = await loggedIn(await openVenafi());
    expect(await ask(method, target, body)).toMatchObject({ status: 400, type: 'application/json' });
  });

  test.each([
    ['GET', `${CERTIFICATES}/11111111-2222-4333-8444-555555555555`, 404],
    ['GET', `${CERTIFICATES}/11111111-2222-4333-8444-555555555555/contents`, 404],
    ['GET', '/outagedetection/v1/certificaterequests/11111111-2222-4333-8444-555555555555', 404],
    ['GET', '/v1/edgeencryptionkeys/other', 404],
    // Its own name, not escaped as a part of a path has to be.
    ['GET', '/v1/edgeencryptionkeys/rehearsal/dek+hash==', 404],
    ['GET', '/v1/anything', 404],
    ['DELETE', CERTIFICATE, 405],
    ['GET', `${CERTIFICATE}/keystore`, 405],
    ['POST', `${CERTIFICATE}/contents`, 405],
    ['GET', SEARCH, 405],
  ])('%s %s: %d', async (method, target, status) => {
    const ask = await loggedIn(await openVenafi());
    expect(await ask(method, target)).toMatchObject({ status });
  });
});

describe('what it holds', () => {
  test('made-up certificates, when nobody says anything', async () => {
    expect([...(await openVenafi()).paths.keys()]).toEqual(['closed.example.com', ...certificates.paths]);
  });

  test('what is given, and a made-up one for a name without a value', async () => {
    const given = (await certificates.make(['given'])).get('given') ?? Buffer.alloc(0);
    const secrets = new Map([
      ['given', [given]],
      ['made-up', [Buffer.alloc(0)]],
    ]);
    const { paths } = await openVenafi({ secrets, forbidden: new Set() });
    expect(paths.get('given')).toEqual(given);
    expect(Object.keys(certificates.fieldsOf(paths.get('made-up') ?? Buffer.alloc(0)))).toContain('key');
  });

  test.each([
    ['text', 'a password'],
    [
      'a key alone',
      '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n',
    ],
  ])('no %s', async (_, value) => {
    const secrets = new Map([['prod/db/password', [Buffer.from(value)]]]);
    await expect(openVenafi({ secrets })).rejects.toMatchObject({ reason: 'USAGE' });
  });

  test('no key with a certificate of another one', async () => {
    const made = await certificates.make(['one', 'other']);
    const [one = '', other = ''] = [...made.values()].map(String);
    const mixed = one.slice(0, one.indexOf('-----BEGIN CERT')) + other.slice(other.indexOf('-----BEGIN CERT'));
    await expect(openVenafi({ secrets: new Map([['mixed', [Buffer.from(mixed)]]]) })).rejects.toMatchObject({
      reason: 'USAGE',
    });
  });
});
