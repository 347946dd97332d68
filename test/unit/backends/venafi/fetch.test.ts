import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { uuidOf } from '../../../../src/dev/venafi/store.ts';
import { refs } from '../../../support/rehearsed-backend.ts';
import { bundle, fingerprintOf, issued, issuer, key, leaf, rehearse, root, told, WWW } from './rehearsed.ts';

const LOGIN = expect.stringMatching(/^POST \/v1\/oauth2\/v2\.0\/[0-9a-f-]{36}\/token$/);
const SEARCH = 'POST /outagedetection/v1/certificatesearch';
const ID = uuidOf(`certificate 0 ${WWW}`);
const CERTIFICATE = `/outagedetection/v1/certificates/${ID}`;
const CONTENTS = `GET ${CERTIFICATE}/contents?format=PEM&chainOrder=EE_FIRST`;
const WITH_KEY = [
  `GET ${CERTIFICATE}`,
  'GET /v1/edgeencryptionkeys/rehearsal%2Fdek%2Bhash%3D%3D',
  `POST ${CERTIFICATE}/keystore`,
];

const der = (...pems: readonly string[]): Buffer => Buffer.concat(pems.map((pem) => new X509Certificate(pem).raw));

describe('what is asked for', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['certificates alone need no export', [`${WWW}#fullchain`, `${WWW}#certificate`], [SEARCH, CONTENTS]],
    ['all of one certificate is one export', [`${WWW}#key`, `${WWW}#chain`, WWW], [SEARCH, ...WITH_KEY]],
    ['an id needs no search', [`${ID}#chain`], [CONTENTS]],
    ['an id, said to be one', [`id/${ID.toUpperCase()}#key`], WITH_KEY],
    ['a fingerprint', [`${fingerprintOf(leaf).replaceAll(':', '').toLowerCase()}#chain`], [SEARCH, CONTENTS]],
    ['a fingerprint, said to be one', [`fingerprint/${fingerprintOf(leaf)}#chain`], [SEARCH, CONTENTS]],
    ['a name, said to be one', [`name/${WWW}#chain`], [SEARCH, CONTENTS]],
    [
      'a certificate request',
      [`request/${uuidOf(`request 0 ${WWW}`)}#chain`],
      [`GET /outagedetection/v1/certificaterequests/${uuidOf(`request 0 ${WWW}`)}`, CONTENTS],
    ],
  ])('%s', async (_, texts, requests) => {
    const { fetch, taken } = await rehearse();
    const outcomes = await fetch(refs(...texts));
    expect(outcomes.every((outcome) => 'value' in outcome)).toBe(true);
    expect(taken()).toEqual([LOGIN, ...requests]);
  });

  test('thirty keys: one exchange and one question for what seals the passphrases', async () => {
    const secrets = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`s${index}.example.com`, '']));
    const { fetch, rehearsal, taken } = await rehearse({ secrets });
    const outcomes = await fetch(refs(...Object.keys(secrets)));
    expect(outcomes.map(told)).toEqual([...rehearsal.paths.values()].map(String));
    const counts = Map.groupBy(taken(), (request) => request.replaceAll(/[0-9a-f]{8}-[0-9a-f-]+/g, '{id}'));
    expect([...counts.values()].map((all) => all.length).toSorted((one, other) => one - other)).toEqual([
      1, 1, 30, 30, 30,
    ]);
  });
});

describe('what comes', () => {
  test.each<[string, Buffer]>([
    ['', bundle],
    ['#bundle', bundle],
    ['#certificate', Buffer.from(leaf)],
    ['#certificate.der', der(leaf)],
    ['#chain', Buffer.from(issuer + root)],
    ['#chain.der', der(issuer, root)],
    ['#fullchain', Buffer.from(leaf + issuer + root)],
    ['#fullchain.pem', Buffer.from(leaf + issuer + root)],
    ['#fullchain.der', der(leaf, issuer, root)],
    ['#key', Buffer.from(key)],
    ['#key.der', createPrivateKey(key).export({ type: 'pkcs8', format: 'der' })],
  ])('%s', async (field, expected) => {
    const { fetch } = await rehearse();
    const [outcome] = await fetch(refs(`${WWW}${field}`));
    expect(outcome).toMatchObject({ rest: [] });
    if (outcome !== undefined && 'value' in outcome) expect(outcome.value.reveal()).toEqual(expected);
  });

  test('the root first, where that is set', async () => {
    const { fetch } = await rehearse({ values: { 'chain-order': 'root-first' } });
    const outcomes = await fetch(refs(`${WWW}#chain`, `${WWW}#fullchain`, `${WWW}#certificate`, WWW));
    expect(outcomes.map(told)).toEqual([root + issuer, root + issuer + leaf, leaf, key + root + issuer + leaf]);
  });

  test('what a reference without #field brings can be set', async () => {
    const { fetch, taken } = await rehearse({ values: { field: 'fullchain' } });
    expect((await fetch(refs(WWW))).map(told)).toEqual([leaf + issuer + root]);
    expect(taken()).not.toContainEqual(expect.stringContaining('keystore'));
  });

  test.each([
    ['two on a page', 2],
    ['one on a page', 1],
    ['all on one page', 100],
  ])('of several with one name the one that ends last: %s', async (_, size) => {
    const ends = [2030, 2040, 2035, 2020, 2031];
    const all = await Promise.all(ends.map((year) => issued({ notAfterMs: Date.UTC(year) })));
    const { fetch } = await rehearse({ secrets: { [WWW]: all }, options: { 'page-size': `${size}` } });
    expect((await fetch(refs(WWW))).map(told)).toEqual([all[1]]);
  });

  test('after a full page another one is asked for', async () => {
    const { fetch, taken } = await rehearse({ secrets: { [WWW]: Array.from({ length: 100 }, () => String(bundle)) } });
    expect((await fetch(refs(`${WWW}#certificate`))).map(told)).toEqual([leaf]);
    expect(taken().filter((request) => request === SEARCH)).toHaveLength(2);
  });

  test('one without issuers has no chain', async () => {
    const { fetch } = await rehearse({ secrets: { [WWW]: await issued() } });
    const outcomes = await fetch(refs(`${WWW}#chain`, `${WWW}#fullchain`));
    expect(outcomes).toMatchObject([{ refusal: 'missing' }, { value: {} }]);
  });

  test('one that has ended comes with a warning', async () => {
    const ended = await issued({ notAfterMs: Date.UTC(2020, 5, 7) });
    const { fetch, lines } = await rehearse({ secrets: { [WWW]: ended } });
    expect((await fetch(refs(WWW))).map(told)).toEqual([ended]);
    expect(lines).toContainEqual('secretctl: warning: the certificate of S0 ended on 2020-06-07');
  });

  test('an RSA key', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = `${privateKey.export({ type: 'pkcs8', format: 'pem' })}`;
    const { selfSigned } = await import('./self-signed.ts');
    const certificate = await selfSigned(privateKey, WWW);
    const { fetch } = await rehearse({ secrets: { [WWW]: pem + certificate } });
    expect((await fetch(refs(WWW))).map(told)).toEqual([pem + certificate]);
  });
});

describe('what does not', () => {
  test('a key that the product does not keep; its certificate does', async () => {
    const { fetch } = await rehearse({ options: { keys: 'elsewhere' } });
    expect((await fetch(refs(`${WWW}#key`))).map(told)).toEqual([
      'missing: its private key is not kept by the product; #fullchain and #certificate need none',
    ]);
    expect((await fetch(refs(`${WWW}#certificate`))).map(told)).toEqual([leaf]);
  });

  test('a version', async () => {
    const { backend, logIn, rehearsal } = await rehearse();
    const [ref] = refs(WWW);
    const outcomes = await backend.fetchSecrets(await logIn(), ref === undefined ? [] : [{ ...ref, version: 2 }]);
    expect(outcomes).toMatchObject([{ refusal: 'missing' }]);
    expect(rehearsal.report()).toMatchObject({ reads: 0 });
  });

  test.each([
    ['other-key', 'UNEXPECTED_ANSWER'],
    ['other-certificate', 'UNEXPECTED_ANSWER'],
    ['other-passphrase', 'UNEXPECTED_ANSWER'],
    ['no-key', 'UNEXPECTED_ANSWER'],
    ['bomb', 'RESPONSE_TOO_BIG'],
  ])('an archive with %s', async (archive, reason) => {
    const { fetch } = await rehearse({ options: { archive } });
    await expect(fetch(refs(WWW))).rejects.toMatchObject({ reason });
  });

  test('another certificate than the one that was asked for', async () => {
    const { fetch, rehearsal } = await rehearse({ secrets: { [WWW]: bundle, other: '' } });
    const other = rehearsal.paths.get('other')?.toString() ?? '';
    const body = `{"count":1,"certificates":[{"id":"${uuidOf('certificate 0 other')}","subjectCN":["${WWW}"],"fingerprint":"${fingerprintOf(leaf)}","validityEnd":"2030-01-01T00:00:00.000+00:00"}]}`;
    const spoilt = await rehearse({ secrets: { [WWW]: bundle, other }, faults: [`read#1:200;body=${body}`] });
    await expect(spoilt.fetch(refs(`${WWW}#chain`))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
    expect((await fetch(refs(`${WWW}#certificate`))).map(told)).toEqual([leaf]);
  });

  test.each([
    [
      'without an id',
      '{"count":1,"certificates":[{"fingerprint":"A","subjectCN":["www.example.com"],"validityEnd":"2030-01-01T00:00:00Z"}]}',
    ],
    ['without an end', '{"count":1,"certificates":[{"id":"a","fingerprint":"A","subjectCN":["www.example.com"]}]}'],
    ['without a list', '{"count":0}'],
    ['without a count', '{"certificates":[]}'],
  ])('a search %s', async (_, body) => {
    const { fetch } = await rehearse({ faults: [`read#1:200;body=${body}`] });
    await expect(fetch(refs(WWW))).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  });

  test('a search that finds what nobody asked for', async () => {
    const body =
      '{"count":1,"certificates":[{"id":"a","fingerprint":"A","subjectCN":["elsewhere"],"validityEnd":"2030-01-01T00:00:00Z"}]}';
    const { fetch } = await rehearse({ faults: [`read#1:200;body=${body}`] });
    expect((await fetch(refs(WWW))).map(told)).toEqual(['missing: no certificate has the name "www.example.com"']);
  });

  test('429 and 503 are what they are', async () => {
    const limited = await rehearse({ faults: ['read:429;retry-after=9999'] });
    await expect(limited.fetch(refs(WWW))).rejects.toMatchObject({ reason: 'RATE_LIMITED' });
    const down = await rehearse({ faults: ['read:503'] });
    await expect(down.fetch(refs(WWW))).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  });

  test.each([
    ['id/none', 'a UUID'],
    ['request/none', 'a UUID'],
    ['fingerprint/ab', '40 digits'],
    ['name/', 'empty'],
    [`${WWW}#nothing`, 'no field "nothing"'],
    [`${WWW}#key.jks`, '.pem or .der'],
    [`${WWW}#key.der.more`, '.pem or .der'],
    [`${WWW}#bundle.der`, 'is PEM'],
    [`${WWW}#pkcs12.der`, 'one form'],
  ])('%s is no reference', async (text, why) => {
    const { backend, rehearsal } = await rehearse();
    expect(() => backend.plan(refs(text, WWW))).toThrow(
      expect.objectContaining({ reason: 'REFERENCE_INVALID', facts: { details: [expect.stringContaining(why)] } }),
    );
    expect(rehearsal.requests).toEqual([]);
  });
});

describe('while it is being issued', () => {
  const waiting = async (texts: readonly string[], options: Readonly<Record<string, string>>, budgetMs = 60_000) => {
    const pauses: number[] = [];
    const rehearsed = await rehearse({
      options,
      world: { budgetMs },
      backendWorld: {
        sleep: (milliseconds) => {
          pauses.push(milliseconds);
          return Promise.resolve();
        },
      },
    });
    return { pauses, fetching: rehearsed.fetch(refs(...texts)) };
  };

  test.each([[`${WWW}#chain`], [`${WWW}#key`], [`request/${uuidOf(`request 0 ${WWW}`)}#chain`]])(
    '%s is asked for again, at growing intervals',
    async (text) => {
      const { pauses, fetching } = await waiting([text], { issuing: '5' });
      expect(await fetching).toMatchObject([{ value: {} }]);
      expect(pauses).toEqual([1000, 2000, 4000, 5000, 5000]);
    },
  );

  test('no longer than the command has', async () => {
    const { pauses, fetching } = await waiting([`${WWW}#chain`], { issuing: '999' }, 4500);
    await expect(fetching).rejects.toMatchObject({
      reason: 'TIMEOUT',
      message: expect.stringContaining('still being issued'),
    });
    expect(pauses.length).toBeLessThan(4);
  });

  test('and no longer than there is hope', async () => {
    const text = `request/${uuidOf(`request 0 ${WWW}`)}`;
    const { fetching } = await waiting([text], { issuing: '1', issuance: 'fails' });
    expect((await fetching).map(told)).toEqual([
      'missing: nothing was issued: the request is FAILED "the authority refused"',
    ]);
  });
});

test('neither key nor passphrase is said, and the passphrase is on no wire', async () => {
  const passphrase = Buffer.alloc(30, 0xa5);
  const { fetch, lines, rehearsal } = await rehearse({ backendWorld: { random: () => passphrase } });
  await fetch(refs(WWW, `${WWW}#key.der`));
  await rehearse({ options: { archive: 'other-key' } }).then((other) => other.fetch(refs(WWW)).catch(() => undefined));
  const said = [...lines, JSON.stringify(rehearsal.requests)].join('\n');
  const secrets = [
    passphrase.toString('base64url'),
    ...key.split('\n').filter((line) => /^[A-Za-z0-9+/=]{20,}$/.test(line)),
  ];
  expect(secrets.length).toBeGreaterThan(2);
  expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
});

test('where the API is below a path', async () => {
  const { fetch, taken, backend } = await rehearse({ options: { base: '/ngts', token: 'url' } });
  expect((await fetch(refs(`${WWW}#certificate`))).map(told)).toEqual([leaf]);
  expect(taken()).toEqual([
    LOGIN,
    `POST /ngts${SEARCH.slice('POST '.length)}`,
    `GET /ngts${CONTENTS.slice('GET '.length)}`.replace(ID, ID),
  ]);
  expect(backend.plan(refs(`${WWW}#certificate`)).map(({ path }) => path)[1]).toBe(
    '/ngts/outagedetection/v1/certificatesearch',
  );
});
