import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Sensitive } from '../../../../src/lib/sensitive.ts';
import { refs } from '../../../support/rehearsed-backend.ts';
import { fingerprintOf, issuer, key, leaf, rehearse, root, WWW } from './rehearsed.ts';
import { selfSigned } from './self-signed.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'pkcs12-'));
const file = path.join(directory, 'store.p12');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const rsaPem = `${rsa.export({ type: 'pkcs8', format: 'pem' })}${await selfSigned(rsa, WWW)}`;

afterAll(() => rmSync(directory, { recursive: true }));

/** `#pkcs12` of a certificate, written to {@link file}. */
async function store(passphrase: string, secrets?: Readonly<Record<string, string>>): Promise<void> {
  const { fetch } = await rehearse({ values: { 'pkcs12-passphrase': passphrase }, ...(secrets && { secrets }) });
  const [outcome] = await fetch(refs(`${WWW}#pkcs12`));
  if (outcome === undefined || 'refusal' in outcome) throw new Error('there is no store');
  writeFileSync(file, outcome.value.reveal());
}

function openssl(passphrase: string, ...args: readonly string[]): string {
  const all = ['pkcs12', '-in', file, '-passin', 'stdin', ...args];
  return execFileSync('openssl', all, { input: `${passphrase}\n`, encoding: 'utf8', stdio: 'pipe' });
}

const blocks = (text: string): readonly string[] => text.match(/-----BEGIN[^]*?-----END.*\n/g) ?? [];

function has(tool: string): boolean {
  try {
    execFileSync(tool, ['-help'], { stdio: 'ignore' });
    return true;
  } catch {
    return Boolean(process.env['CI']);
  }
}

// 64 bytes and more are several blocks of the derivation; two UTF-16 units each.
describe.each(['correct horse', 'x', 'l'.repeat(31), 'l'.repeat(32), 'l'.repeat(150)])(
  'passphrase %j',
  (passphrase) => {
    test('openssl reads key, certificate and issuers', async () => {
      await store(passphrase);
      const keys = blocks(openssl(passphrase, '-nocerts', '-noenc'));
      expect(keys.map((pem) => createPrivateKey(pem).equals(createPrivateKey(key)))).toEqual([true]);
      expect(blocks(openssl(passphrase, '-clcerts', '-nokeys')).map(fingerprintOf)).toEqual([fingerprintOf(leaf)]);
      expect(blocks(openssl(passphrase, '-cacerts', '-nokeys')).map(fingerprintOf)).toEqual(
        [issuer, root].map(fingerprintOf),
      );
    });

    test('and not with another one', async () => {
      await store(passphrase);
      expect(() => openssl(`${passphrase}!`, '-nokeys')).toThrow(/mac verify/i);
    });
  },
);

test('an RSA key', async () => {
  await store('correct horse', { [WWW]: rsaPem });
  const [pem = ''] = blocks(openssl('correct horse', '-nocerts', '-noenc'));
  expect(createPrivateKey(pem).equals(rsa)).toBe(true);
});

test('openssl says how it is protected', async () => {
  await store('correct horse');
  const { stderr } = await import('node:child_process').then(({ spawnSync }) =>
    spawnSync('openssl', ['pkcs12', '-in', file, '-passin', 'stdin', '-info', '-noout'], {
      input: 'correct horse\n',
      encoding: 'utf8',
    }),
  );
  expect(stderr).toMatch(/MAC: sha256, Iteration 2048/);
  expect(stderr).toMatch(/Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256/);
});

test.skipIf(!has('keytool'))('Java reads key and chain', async () => {
  await store('correct horse');
  const args = ['-list', '-v', '-storetype', 'PKCS12', '-keystore', file, '-storepass:env', 'STORE_PASSWORD'];
  const listed = execFileSync('keytool', args, {
    encoding: 'utf8',
    env: { ...process.env, STORE_PASSWORD: 'correct horse', LC_ALL: 'C' },
  });
  expect(listed).toMatch(/Entry type: PrivateKeyEntry/);
  expect(listed).toMatch(/Certificate chain length: 3/);
  expect(listed).toContain(fingerprintOf(leaf));
});

test.each([[undefined], ['']])(
  'without a passphrase (%j) there is none, before anything is read',
  async (passphrase) => {
    const { backend, logIn, rehearsal } = await rehearse(
      passphrase === undefined ? {} : { values: { 'pkcs12-passphrase': passphrase } },
    );
    const fetching = backend.fetchSecrets(await logIn(), refs(`${WWW}#pkcs12`, `${WWW}#chain`));
    await expect(fetching).rejects.toMatchObject({ reason: 'CONFIG_INVALID' });
    expect(rehearsal.report()).toMatchObject({ reads: 0 });
  },
);

test('the passphrase is not in the store, nor is the key', async () => {
  const { pkcs12 } = await import('../../../../src/backends/venafi/pkcs12.ts');
  const { X509Certificate } = await import('node:crypto');
  const parts = { key: createPrivateKey(key), certificates: [new X509Certificate(leaf)] };
  const made = pkcs12(parts, new Sensitive('correct horse'), (bytes) => Buffer.alloc(bytes, 7));
  const { d = '' } = parts.key.export({ format: 'jwk' });
  expect(made.includes('correct horse') || made.includes(Buffer.from(d, 'base64url'))).toBe(false);
});
