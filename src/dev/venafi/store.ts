import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { SecretctlError } from '../../lib/errors.ts';
import { quoted } from '../../lib/text.ts';
import type { RehearsalWorld } from '../types.ts';
import { blocksOf } from './made-up.ts';

/** One certificate that the tenant has. */
export interface Holding {
  readonly id: string;
  readonly requestId: string;
  readonly name: string;
  /** SHA-1, upper-case digits. */
  readonly fingerprint: string;
  /** As `2049-12-31T00:00:00.000Z`. */
  readonly validityEnd: string;
  /** Undefined for one that the job may not read. */
  readonly content: Content | undefined;
}

/** A certificate, its issuers and its key. */
export interface Content {
  readonly key: KeyObject;
  /** The certificate first, the root last. */
  readonly certificates: readonly X509Certificate[];
}

/**
 * What the tenant has: the rehearsal's secrets, each one or several certificates of one name. Throws USAGE for a value
 * that is no key with its certificates.
 */
export function fillStore({ secrets, forbidden }: RehearsalWorld): readonly Holding[] {
  const readable = [...secrets].flatMap(([name, versions]) =>
    forbidden.has(name) ? [] : versions.map((version, index) => holding(name, index, contentIn(name, version))),
  );
  return [...readable, ...[...forbidden].map((name) => holding(name, 0, undefined))];
}

function holding(name: string, index: number, content: Content | undefined): Holding {
  const [leaf] = content?.certificates ?? [];
  return {
    id: uuidOf(`certificate ${index} ${name}`),
    requestId: uuidOf(`request ${index} ${name}`),
    name,
    fingerprint: leaf?.fingerprint.replaceAll(':', '') ?? createHash('sha1').update(name).digest('hex').toUpperCase(),
    validityEnd: (leaf?.validToDate ?? new Date(Date.UTC(2049, 0, 1))).toISOString(),
    content,
  };
}

function contentIn(name: string, value: Buffer): Content {
  const [keyBlock = '', ...certificateBlocks] = blocksOf(value);
  try {
    const key = createPrivateKey(keyBlock);
    const certificates = certificateBlocks.map((block) => new X509Certificate(block));
    if (certificates[0]?.checkPrivateKey(key) === true) return { key, certificates };
  } catch {
    // Said below.
  }
  throw new SecretctlError('USAGE', `this server holds certificates, and ${quoted(name)} is none`, {
    hint: 'a value must be the PEM of a private key, its certificate and its issuers; without a value, all of it is made up',
  });
}

/** The same for the same text, in the form of a UUID. */
export function uuidOf(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex');
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}
