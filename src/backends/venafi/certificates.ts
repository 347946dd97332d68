import { type KeyObject, X509Certificate } from 'node:crypto';
import { unexpected } from '../../lib/answer.ts';
import type { Journal } from '../../lib/journal.ts';

/** A certificate with what belongs to it. */
export interface Material {
  readonly leaf: X509Certificate;
  /** Its issuers in order, its own first. */
  readonly issuers: readonly X509Certificate[];
  /** Belongs to the leaf. Undefined where only certificates were asked for. */
  readonly key: KeyObject | undefined;
}

/** Certificates that came, and what is known of them. */
export interface Given {
  readonly certificates: readonly X509Certificate[];
  readonly key?: KeyObject;
  /** SHA-1 of the one that was asked for, upper-case digits; undefined where only the server knows. */
  readonly fingerprint: string | undefined;
  readonly request: string;
}

/** The CERTIFICATE blocks of a PEM text (RFC 7468); what stands around them is dropped. Throws 76 for none or a broken one. */
export function certificatesIn(text: string, request: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g) ?? [];
  const begun = text.match(/-----BEGIN /g) ?? [];
  if (blocks.length === 0 || blocks.length !== begun.length) throw unexpected({ request }, 'is no PEM of certificates');
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw unexpected({ request }, 'holds a block that is no certificate');
    }
  });
}

/**
 * Finds the leaf, puts its issuers in order and checks that all of it belongs together. Throws 76 where key and
 * certificate do not, where the leaf is not the one that was asked for, and where nobody can tell which one it is.
 */
export function assembled(given: Given, journal: Journal): Material {
  const { certificates, key, fingerprint, request } = given;
  const leaf = leafOf(certificates, key, request);
  if (fingerprint !== undefined && leaf.fingerprint.replaceAll(':', '') !== fingerprint) {
    throw unexpected({ request }, 'holds another certificate than the one that was asked for');
  }
  const issuers = issuersOf(leaf, certificates);
  const left = certificates.length - 1 - issuers.length;
  if (left > 0)
    journal.warn(`the answer to ${request} holds ${left} more certificates, which are no issuers: left out`);
  return { leaf, issuers, key };
}

function leafOf(
  certificates: readonly X509Certificate[],
  key: KeyObject | undefined,
  request: string,
): X509Certificate {
  const ends = certificates.filter((one) => !certificates.some((other) => other !== one && isIssuedBy(other, one)));
  const [leaf, ...others] = key === undefined ? ends : certificates.filter((one) => one.checkPrivateKey(key));
  if (key !== undefined && leaf === undefined) {
    throw unexpected({ request }, 'holds a private key and a certificate that do not belong together');
  }
  if (leaf === undefined || others.length > 0)
    throw unexpected({ request }, 'does not tell which certificate is the one');
  return leaf;
}

function issuersOf(leaf: X509Certificate, certificates: readonly X509Certificate[]): X509Certificate[] {
  const issuers: X509Certificate[] = [];
  for (let at = leaf; ;) {
    const issuer = certificates.find((one) => one !== leaf && !issuers.includes(one) && isIssuedBy(at, one));
    if (issuer === undefined) return issuers;
    issuers.push(issuer);
    at = issuer;
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
