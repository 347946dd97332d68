import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OAuth2Server } from 'oauth2-mock-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../src/dev/frame/certificates.ts';
import { type Finished, runProgram } from '../support/program.ts';

// moto checks neither tokens nor signatures: it shows that requests and answers have the form that others give them.

const MOTO = path.join(import.meta.dirname, '../../.tools/moto/bin/moto_server');
const ROLE = 'arn:aws:iam::123456789012:role/ci';
const REGION = 'eu-central-1';

let directory: string;
let issuer: OAuth2Server;
let server: ChildProcess;
let url: string;
let caPem: string;

/** Starts moto on a port of its choice, with TLS, and waits until it says where it is. */
async function startMoto(): Promise<string> {
  const authority = await createAuthority();
  const { certificate, key } = await authority.issue({ names: ['127.0.0.1'] });
  caPem = authority.caPem;
  for (const [name, text] of Object.entries({ 'ca.pem': caPem, 'cert.pem': certificate, 'key.pem': key })) {
    writeFileSync(path.join(directory, name), text, { mode: 0o600 });
  }
  const args = ['-H', '127.0.0.1', '-p', '0', '-c', 'cert.pem', '-k', 'key.pem'];
  server = spawn(MOTO, args, { cwd: directory, env: { PATH: process.env['PATH'] ?? '', HOME: directory } });
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (part: Buffer): void => {
      said += part.toString('utf8');
      const found = /Running on (?<url>https:\/\/127\.0\.0\.1:\d+)/.exec(said)?.groups?.['url'];
      if (found !== undefined) resolve(found);
    };
    server.stdout?.on('data', hear);
    server.stderr?.on('data', hear);
    server.on('error', reject);
    server.on('exit', () => reject(new Error(`moto ended: ${said}`)));
  });
}

/** One request that prepares the account, past our own client. */
function prepare(service: string, target: string, input: object): Promise<{ readonly VersionId?: string }> {
  const scope = `test/20260101/${REGION}/${service}/aws4_request`;
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': target,
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=x`,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', ca: caPem, agent: false, headers }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        if (incoming.statusCode === 200) resolve(JSON.parse(text) as object);
        else reject(new Error(`${target}: ${incoming.statusCode} ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(input));
  });
}

async function run(args: readonly string[], claims: object = {}): Promise<Finished> {
  const token = await issuer.issuer.buildToken({
    scopesOrTransform: (_, payload) => void Object.assign(payload, { aud: 'sts.amazonaws.com', sub: 'ci', ...claims }),
  });
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    TMPDIR: directory,
    SECRETCTL_ID_TOKEN: token,
    SECRETCTL_NO_CACHE: 'true',
    AWS_ROLE_ARN: ROLE,
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL: url,
    AWS_CA_BUNDLE: path.join(directory, 'ca.pem'),
  };
  return runProgram(args, { cwd: directory, env });
}

async function fetched(...references: readonly string[]): Promise<unknown> {
  const finished = await run(['fetch', '--format', 'json', ...references]);
  expect(finished.stderr).toBe('');
  return JSON.parse(finished.stdout.toString());
}

describe.skipIf(!existsSync(MOTO))('moto', () => {
  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'moto-'));
    issuer = new OAuth2Server();
    await issuer.issuer.keys.generate('RS256');
    await issuer.start(0, '127.0.0.1');
    url = await startMoto();
    for (let index = 0; index < 45; index++) {
      const secret = { Name: `many/s${index}`, SecretString: `value ${index}`, ClientRequestToken: randomId(index) };
      await prepare('secretsmanager', 'secretsmanager.CreateSecret', secret);
    }
    for (let index = 0; index < 25; index++) {
      const parameter = { Name: `/many/p${index}`, Value: `value ${index}`, Type: 'SecureString' };
      await prepare('ssm', 'AmazonSSM.PutParameter', parameter);
    }
  });

  afterAll(async () => {
    server?.removeAllListeners('exit');
    server?.kill();
    await issuer?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test('one secret, with what JSON and XML escape', async () => {
    const value = `it's <&> "quoted" \\ $HOME ü€😀\n\tsecond line`;
    await prepare('secretsmanager', 'secretsmanager.CreateSecret', { Name: 'odd/one', SecretString: value });
    expect(await fetched('S=odd/one')).toEqual({ S: value });
  });

  test('45 secrets in batches, in the order asked', async () => {
    const names = Array.from({ length: 45 }, (_, index) => index).toReversed();
    const values = await fetched(...names.map((index) => `S${index}=many/s${index}`));
    expect(values).toEqual(Object.fromEntries(names.map((index) => [`S${index}`, `value ${index}`])));
  });

  test('a field of a secret, by name and by ARN', async () => {
    const secret = { Name: 'app/db', SecretString: '{"user":"shop","port":5432}' };
    const { ARN: arn } = (await prepare('secretsmanager', 'secretsmanager.CreateSecret', secret)) as { ARN: string };
    expect(await fetched('U=app/db#user', `P=${arn}#port`, `V=${arn}:user::`)).toEqual({
      U: 'shop',
      P: '5432',
      V: 'shop',
    });
  });

  test('bytes', async () => {
    const bytes = Buffer.from([0, 255, 254, 10, 61]);
    const secret = { Name: 'app/binary', SecretBinary: bytes.toString('base64') };
    await prepare('secretsmanager', 'secretsmanager.CreateSecret', secret);
    expect((await run(['fetch', '--format', 'raw', 'B=app/binary'])).stdout).toEqual(bytes);
  });

  test('versions by stage and by id', async () => {
    const { VersionId: first } = await prepare('secretsmanager', 'secretsmanager.CreateSecret', {
      Name: 'app/key',
      SecretString: 'first',
    });
    await prepare('secretsmanager', 'secretsmanager.PutSecretValue', { SecretId: 'app/key', SecretString: 'second' });
    const values = await fetched('NOW=app/key', 'BEFORE=app/key:AWSPREVIOUS', `FIRST=app/key:${first}`);
    expect(values).toEqual({ NOW: 'second', BEFORE: 'first', FIRST: 'first' });
  });

  test('all that is missing is named, alone and among others', async () => {
    const among = await run(['fetch', 'A=many/s1', 'B=none/one', 'C=none/two', 'D=ssm:/none', 'E=ssm:/many/p1:7']);
    expect(among.exit).toBe(67);
    for (const name of ['B', 'C', 'D', 'E']) expect(among.stderr).toContain(`${name}: `);
    expect(among.stderr).not.toContain('A: ');
    expect((await run(['fetch', 'B=none/one'])).exit).toBe(67);
  });

  test('a secret that is going to be deleted is missing', async () => {
    await prepare('secretsmanager', 'secretsmanager.CreateSecret', { Name: 'app/old', SecretString: 'x' });
    await prepare('secretsmanager', 'secretsmanager.DeleteSecret', { SecretId: 'app/old' });
    const finished = await run(['fetch', 'OLD=app/old']);
    expect([finished.exit, finished.stdout.length]).toEqual([67, 0]);
  });

  test('25 parameters ten at a time, decrypted', async () => {
    const names = Array.from({ length: 25 }, (_, index) => index);
    const values = await fetched(...names.map((index) => `P${index}=ssm:/many/p${index}`));
    expect(values).toEqual(Object.fromEntries(names.map((index) => [`P${index}`, `value ${index}`])));
  });

  test('a parameter by version, and all below a path in pages', async () => {
    for (const Value of ['first', 'second']) {
      const parameter = { Name: '/app/key', Value, Type: 'SecureString', Overwrite: true };
      await prepare('ssm', 'AmazonSSM.PutParameter', parameter);
    }
    expect(await fetched('NOW=ssm:/app/key', 'FIRST=ssm:/app/key:1')).toEqual({ NOW: 'second', FIRST: 'first' });
    const { ALL: all } = (await fetched('ALL=ssm:/many/')) as { ALL: string };
    expect(Object.keys(JSON.parse(all) as object)).toHaveLength(25);
  });
});

/** An id of a version, as clients make them. */
function randomId(index: number): string {
  return `00000000-0000-4000-8000-${`${index}`.padStart(12, '0')}`;
}
