import { request, type RequestOptions } from 'node:https';
import { afterEach, describe, expect, test } from 'vitest';
import { ciJob } from '../../../../src/dev/frame/jobs.ts';
import { openRehearsal, type Rehearsal, type RehearsalSetup } from '../../../../src/dev/frame/rehearsal.ts';
import { type Jwk, verifySignature } from '../../../../src/lib/jwt.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { ECHO } from '../../../support/echo-product.ts';
import { issuerKey } from '../../../support/issuer-key.ts';

const NOW = Date.UTC(2031, 4, 5, 6, 7, 8);
const SECONDS = NOW / 1000;
const open: Rehearsal[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((rehearsal) => rehearsal.close()));
});

/** A rehearsal with the key of this file, or with one of its own. */
async function rehearse(ci: string, setup: RehearsalSetup = {}, ownKey = false): Promise<Rehearsal> {
  const job = ciJob(ci);
  if (job === undefined) throw new Error('no such CI');
  const key = ownKey ? {} : { issuerKey };
  const rehearsal = await openRehearsal(ECHO, { job, ...key, ...setup }, { ...systemRuntime(), now: () => NOW });
  open.push(rehearsal);
  return rehearsal;
}

describe.each(['gitlab', 'jenkins'])('the issuer of %s', (ci) => {
  test('publishes keys by discovery that verify its tokens, and no others', async () => {
    const rehearsal = await rehearse(ci);
    const discovery = await getJson(rehearsal, `${rehearsal.issuer}/.well-known/openid-configuration`);
    expect(discovery).toMatchObject({ issuer: rehearsal.issuer, id_token_signing_alg_values_supported: ['RS256'] });
    const jwks = (await getJson(rehearsal, String(discovery['jwks_uri']))) as { keys: Jwk[] };
    const token = await rehearsal.token();
    expect(await verifySignature(token, jwks, ['RS256'])).toBeDefined();
    const [header = '', claims = '', signature = ''] = token.split('.');
    const flipped = `${signature.slice(0, 20)}${signature[20] === 'A' ? 'B' : 'A'}${signature.slice(21)}`;
    expect(await verifySignature(`${header}.${claims}.${flipped}`, jwks, ['RS256'])).toBeUndefined();
    const stranger = await (await rehearse(ci, {}, true)).token();
    expect(await verifySignature(stranger, jwks, ['RS256'])).toBeUndefined();
    expect(JSON.stringify(jwks)).not.toMatch(/"(d|p|q|dp|dq|qi)"/);
  });

  test('signs RS256 and names the key', async () => {
    const rehearsal = await rehearse(ci);
    const jwks = (await getJson(rehearsal, jwksUrl(rehearsal))) as { keys: Jwk[] };
    expect(headerOf(await rehearsal.token())).toEqual({ alg: 'RS256', typ: 'JWT', kid: jwks.keys[0]?.kid });
  });

  test('claims can be replaced, added and removed; every token has its own life', async () => {
    const rehearsal = await rehearse(ci, {
      claims: { sub: 'other', extra: [1] },
      audience: 'aud-1',
      lifetimeSeconds: 60,
    });
    const claims = claimsOf(await rehearsal.token({ exp: null }));
    expect(claims).toMatchObject({ sub: 'other', extra: [1] });
    expect(claims).not.toHaveProperty('exp');
    expect([claims['aud']].flat()).toEqual(['aud-1']);
    const longer = claimsOf(await rehearsal.token({}, { lifetimeSeconds: 120, audience: 'aud-2' }));
    expect([longer['exp'], longer['aud']].flat()).toEqual([SECONDS + 120, 'aud-2']);
  });

  test.each([
    ['ES256', /^[\w-]{86}$/],
    ['HS256', /^[\w-]{43}$/],
    ['none', /^$/],
  ])('signs with %s when a test asks for it', async (algorithm, signature) => {
    const rehearsal = await rehearse(ci);
    const token = await rehearsal.token({}, { algorithm });
    expect(headerOf(token)['alg']).toBe(algorithm);
    expect(token.split('.')[2]).toMatch(signature);
    const jwks = (await getJson(rehearsal, jwksUrl(rehearsal))) as { keys: Jwk[] };
    const verified = await verifySignature(token, jwks, ['ES256', 'HS256', 'RS256']);
    expect(verified !== undefined).toBe(algorithm === 'ES256');
  });

  test('serves nothing else', async () => {
    const rehearsal = await rehearse(ci);
    expect(await getJson(rehearsal, `${rehearsal.issuer}/token`)).toEqual({ error: 'not found' });
  });
});

describe('claims sets', () => {
  test('GitLab: numbers as text, nbf five seconds back, aud a text', async () => {
    const rehearsal = await rehearse('gitlab');
    expect(claimsOf(await rehearsal.token())).toMatchObject({
      iss: rehearsal.issuer,
      aud: rehearsal.audience,
      sub: 'project_path:acme/shop:ref_type:branch:ref:main',
      project_id: '20',
      job_id: '302',
      runner_id: 1,
      iat: SECONDS,
      nbf: SECONDS - 5,
      exp: SECONDS + 300,
      jti: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    });
  });

  test('Jenkins: aud a list of one, the job URL as subject, nothing more', async () => {
    const rehearsal = await rehearse('jenkins');
    const { origin } = new URL(rehearsal.issuer);
    expect(claimsOf(await rehearsal.token())).toEqual({
      iss: `${origin}/oidc`,
      aud: [rehearsal.audience],
      iat: SECONDS,
      exp: SECONDS + 3600,
      sub: `${origin}/job/acme/job/shop/`,
      build_number: 7,
    });
    expect(rehearsal.environment()).toMatchObject({
      JENKINS_URL: `${origin}/`,
      JOB_URL: `${origin}/job/acme/job/shop/`,
      BUILD_ID: '7',
    });
  });

  test("Jenkins' modulus begins with a zero byte, GitLab's does not", async () => {
    expect(await firstByteOfModulus('jenkins')).toBe(0);
    expect(await firstByteOfModulus('gitlab')).toBeGreaterThanOrEqual(0x80);
  });
});

describe('where a job asks for its token', () => {
  test('of Azure, the subject is the service connection that is named', async () => {
    const rehearsal = await rehearse('azure');
    const { way, place } = rehearsal.ownToken ?? {};
    const url = `${place?.origin}${way?.endpoint?.path}?api-version=7.1`;
    const options = { method: 'POST', headers: { authorization: `Bearer ${place?.right}` } };
    const { body } = await send(rehearsal, url, options);
    expect(claimsOf(String(body['oidcToken']))).toMatchObject({ sub: 'p://acme/shop/deploy' });
    const connection = `${url}&serviceConnectionId=2f1c9b6e-5a0c-4d0e-8a3e-2f7b6c1d9e80`;
    const { body: other } = await send(rehearsal, connection, options);
    expect(claimsOf(String(other['oidcToken']))).toMatchObject({ sub: 'sc://acme/shop/rehearsal' });
  });

  const SUPPRESS = { 'x-tfs-fedauthredirect': 'Suppress' };

  test.each<readonly [ci: string, what: string, method: string, query: string, more: object, status: number]>([
    ['github', 'its own audience', 'GET', '?api-version=2.0', {}, 200],
    ['github', 'another audience', 'GET', '?api-version=2.0&audience=a%26b', {}, 200],
    ['github', 'a query that was lost', 'GET', '?audience=x', {}, 400],
    ['github', 'another method', 'POST', '?api-version=2.0', {}, 404],
    ['github', 'no right', 'GET', '?api-version=2.0', { authorization: 'Bearer x' }, 401],
    ['azure', 'its token', 'POST', '?api-version=7.1', SUPPRESS, 200],
    ['azure', 'no version', 'POST', '', SUPPRESS, 400],
    ['azure', 'of what is no connection', 'POST', '?api-version=7.1&serviceConnectionId=x', SUPPRESS, 400],
    ['azure', 'another method', 'GET', '?api-version=7.1', SUPPRESS, 404],
    ['azure', 'no right', 'POST', '?api-version=7.1', { ...SUPPRESS, authorization: 'Bearer x' }, 401],
    ['azure', 'no right, as a browser', 'POST', '?api-version=7.1', { authorization: 'Bearer x' }, 302],
  ])('%s: %s', async (ci, _, ...[method, query, more, status]) => {
    const rehearsal = await rehearse(ci);
    const { way, place } = rehearsal.ownToken ?? {};
    const headers = { authorization: `Bearer ${place?.right}`, ...more };
    const url = `${place?.origin}${way?.endpoint?.path}${query}`;
    const answer = await send(rehearsal, url, { method, headers });
    expect(answer.status).toBe(status);
    if (status !== 200) return;
    const asked = new URL(url).searchParams.get('audience');
    const { aud } = claimsOf(String(answer.body[way?.endpoint?.member ?? '']));
    expect(aud).toBe(asked ?? (ci === 'azure' ? 'api://AzureADTokenExchange' : rehearsal.audience));
  });
});

async function firstByteOfModulus(ci: string): Promise<number | undefined> {
  const rehearsal = await rehearse(ci);
  const { keys } = (await getJson(rehearsal, jwksUrl(rehearsal))) as { keys: Jwk[] };
  return Buffer.from(keys[0]?.n ?? '', 'base64url')[0];
}

function jwksUrl({ signer }: Rehearsal): string {
  return `${signer.origin}${signer.job.jwksPath}`;
}

async function getJson(rehearsal: Rehearsal, url: string): Promise<Record<string, unknown>> {
  return (await send(rehearsal, url)).body;
}

function send(
  rehearsal: Rehearsal,
  url: string,
  options: RequestOptions = {},
): Promise<{ status: number | undefined; body: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca: rehearsal.caPem, ...options }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
        resolve({ status: response.statusCode, body });
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}

function headerOf(token: string): Record<string, unknown> {
  return partOf(token, 0);
}

function claimsOf(token: string): Record<string, unknown> {
  return partOf(token, 1);
}

function partOf(token: string, index: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>;
}
