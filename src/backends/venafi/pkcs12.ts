import { createHash, createHmac, type KeyObject, type X509Certificate } from 'node:crypto';
import { ContentInfo, id_data } from '@peculiar/asn1-cms';
import {
  AuthenticatedSafe,
  CertBag,
  id_certBag,
  id_pkcs8ShroudedKeyBag,
  id_x509Certificate,
  MacData,
  PFX,
  PKCS12Attribute,
  SafeBag,
  SafeContents,
} from '@peculiar/asn1-pfx';
import { DigestInfo } from '@peculiar/asn1-rsa';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import type { Sensitive } from '../../lib/sensitive.ts';

/** A private key, its certificate first, then the issuers. */
export interface KeyAndCertificates {
  readonly key: KeyObject;
  readonly certificates: readonly X509Certificate[];
}

// As `openssl pkcs12 -export` has them.
const ITERATIONS = 2048;
const SALT_BYTES = 16;
const CIPHER = 'aes-256-cbc';

const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const SHA_256 = '2.16.840.1.101.3.4.2.1';

/**
 * A PKCS #12 file, version 3, password integrity (RFC 7292): the key encrypted (PBES2, AES-256), the certificates, which
 * are public, as they are, all of it under an HMAC with SHA-256.
 */
export function pkcs12(parts: KeyAndCertificates, passphrase: Sensitive, random: (bytes: number) => Buffer): Buffer {
  const password = passphrase.reveal().toString('utf8');
  const safes = new AuthenticatedSafe([dataOf(keyBags(parts, password)), dataOf(certificateBags(parts))]);
  const content = Buffer.from(AsnConvert.serialize(safes));
  const salt = random(SALT_BYTES);
  const macKey = derivedKey({ password, salt, purpose: INTEGRITY });
  const mac = createHmac('sha256', macKey).update(content).digest();
  const pfx = new PFX({
    version: 3,
    authSafe: infoOf(content),
    macData: new MacData({
      mac: new DigestInfo({
        digestAlgorithm: new AlgorithmIdentifier({ algorithm: SHA_256, parameters: null }),
        digest: new OctetString(mac),
      }),
      macSalt: new OctetString(salt),
      iterations: ITERATIONS,
    }),
  });
  return Buffer.from(AsnConvert.serialize(pfx));
}

function keyBags({ key, certificates }: KeyAndCertificates, passphrase: string): SafeBag[] {
  const shrouded = key.export({ type: 'pkcs8', format: 'der', cipher: CIPHER, passphrase });
  return [
    new SafeBag({
      bagId: id_pkcs8ShroudedKeyBag,
      bagValue: bytesOf(shrouded),
      bagAttributes: [belongingOf(certificates)],
    }),
  ];
}

function certificateBags({ certificates }: KeyAndCertificates): SafeBag[] {
  return certificates.map((certificate, index) => {
    const bag = new CertBag({
      certId: id_x509Certificate,
      certValue: AsnConvert.serialize(new OctetString(certificate.raw)),
    });
    return new SafeBag({
      bagId: id_certBag,
      bagValue: AsnConvert.serialize(bag),
      ...(index === 0 && { bagAttributes: [belongingOf(certificates)] }),
    });
  });
}

/** Key and certificate that belong together carry the same mark. */
function belongingOf([leaf]: readonly X509Certificate[]): PKCS12Attribute {
  const mark = createHash('sha256')
    .update(leaf?.raw ?? '')
    .digest();
  // Its constructor overlooks what it is given.
  const attribute = new PKCS12Attribute();
  attribute.attrId = LOCAL_KEY_ID;
  attribute.attrValues = [AsnConvert.serialize(new OctetString(mark))];
  return attribute;
}

function dataOf(bags: SafeBag[]): ContentInfo {
  return infoOf(Buffer.from(AsnConvert.serialize(new SafeContents(bags))));
}

function infoOf(content: Buffer): ContentInfo {
  return new ContentInfo({ contentType: id_data, content: AsnConvert.serialize(new OctetString(content)) });
}

function bytesOf(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}

interface Derivation {
  readonly password: string;
  readonly salt: Buffer;
  readonly purpose: number;
}

const INTEGRITY = 3;
const BLOCK_BYTES = 64;

/** One SHA-256 of key material, all that an HMAC with it needs (RFC 7292, appendix B.2 with c = 1). */
function derivedKey({ password, salt, purpose }: Derivation): Buffer {
  // A BMPString with its two zero bytes at the end.
  const encoded = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const input = [Buffer.alloc(BLOCK_BYTES, purpose), filled(salt), filled(encoded)];
  let derived = createHash('sha256').update(Buffer.concat(input)).digest();
  for (let round = 1; round < ITERATIONS; round++) derived = createHash('sha256').update(derived).digest();
  return derived;
}

/** Repeated up to a whole number of blocks. */
function filled(bytes: Buffer): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES, bytes);
}
