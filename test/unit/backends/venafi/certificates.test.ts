import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { assembled, certificatesIn } from '../../../../src/backends/venafi/certificates.ts';
import { ArchiveTooBig, filesIn } from '../../../../src/backends/venafi/archive.ts';
import { invocationIn } from '../../../support/invocation.ts';
import { fingerprintOf, issued, issuer, key, leaf, root } from './rehearsed.ts';

const REQUEST = 'GET https://api.example.com/contents';
const parse = (...pems: readonly string[]): X509Certificate[] => certificatesIn(pems.join(''), REQUEST);
const foreign = (await issued()).match(/-----BEGIN CERT[^]*?-----END.*\n/)?.[0] ?? '';

test.each([
  ['in order', [leaf, issuer, root]],
  ['the root first', [root, issuer, leaf]],
  ['in no order', [issuer, leaf, root]],
  ['with text around them', ['# one\n', leaf, 'subject=…\r\n', issuer, '\n\n', root, 'the end']],
  ['with carriage returns', [leaf, issuer, root].map((pem) => pem.replaceAll('\n', '\r\n'))],
])('a chain is put in order: %s', (_, pems) => {
  for (const given of [{}, { key: createPrivateKey(key) }]) {
    const { journal, lines } = invocationIn();
    const fingerprint = fingerprintOf(leaf).replaceAll(':', '');
    const material = assembled({ certificates: parse(...pems), fingerprint, request: REQUEST, ...given }, journal);
    expect([material.leaf, ...material.issuers].map(String)).toEqual([leaf, issuer, root]);
    expect(lines).toEqual([]);
  }
});

test.each([
  ['nothing', ''],
  ['JSON', '{"certificate":"x"}'],
  ['a private key among them', leaf + key],
  ['half of the last one', leaf + issuer.slice(0, 300)],
  ['an end that is missing', leaf.replace('-----END CERTIFICATE-----', '')],
  ['broken base64', leaf.replace(/\n[A-Za-z0-9+/]{64}\n/, '\n!\n')],
  ['other DER', `-----BEGIN CERTIFICATE-----\n${key.split('\n')[1]}\n-----END CERTIFICATE-----\n`],
])('%s is no PEM of certificates', (_, text) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ reason: 'UNEXPECTED_ANSWER' }));
});

test('with a key, the certificate is the one that belongs to it; the rest is left out with a warning', () => {
  const { journal, lines } = invocationIn();
  const given = {
    certificates: parse(foreign, leaf, issuer, root),
    key: createPrivateKey(key),
    fingerprint: undefined,
  };
  const { leaf: found, issuers } = assembled({ ...given, request: REQUEST }, journal);
  expect([found, ...issuers].map(String)).toEqual([leaf, issuer, root]);
  expect(lines).toHaveLength(1);
});

test.each<[string, readonly string[], object]>([
  ['two leaves and no key', [leaf, foreign, issuer], {}],
  ['the same one twice', [leaf, leaf], { key: createPrivateKey(key) }],
  ['a key of another one', [foreign, issuer, root], { key: createPrivateKey(key) }],
  ['another fingerprint', [leaf, issuer], { fingerprint: 'A'.repeat(40) }],
])('%s is refused', (_, pems, more) => {
  const { journal } = invocationIn();
  const given = { certificates: parse(...pems), fingerprint: undefined, request: REQUEST, ...more };
  expect(() => assembled(given, journal)).toThrow(expect.objectContaining({ reason: 'UNEXPECTED_ANSWER' }));
});

test('of an archive only the files that are wanted are unpacked', () => {
  const zip = zipSync({
    'a.key': Buffer.from('key'),
    'a.txt': Buffer.alloc(1000),
    'b/c_root-first.pem': Buffer.from('pem'),
  });
  const files = filesIn(zip, ['.key', '_root-first.pem'], 10);
  expect([...(files ?? [])].map(([ending, content]) => `${ending} ${content}`)).toEqual([
    '.key key',
    '_root-first.pem pem',
  ]);
});

test.each([
  ['no archive', Buffer.from('PK not one')],
  ['nothing', Buffer.alloc(0)],
  ['half of one', Buffer.from(zipSync({ 'a.key': Buffer.from('key') })).subarray(0, 60)],
  ['two keys', Buffer.from(zipSync({ 'a.key': Buffer.from('1'), 'b.key': Buffer.from('2') }))],
])('%s has no files', (_, archive) => {
  expect(filesIn(archive, ['.key'], 1000)).toBeUndefined();
});

test.each([
  ['big', { 'a.key': Buffer.alloc(5000) }, 4999],
  ['many', Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`${index}.txt`, Buffer.alloc(0)])), 4999],
])('an archive that is too %s', (_, content, most) => {
  expect(() => filesIn(zipSync(content), ['.key'], most)).toThrow(ArchiveTooBig);
});
