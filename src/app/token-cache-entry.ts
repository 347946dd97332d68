import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { numberMember, parseJsonBytes, textMember } from '../lib/json.ts';
import { Sensitive } from '../lib/sensitive.ts';

/** Everything that a kept access token is bound to besides the job's ID token (security.md 3.4). */
export interface CacheContext {
  /** The backend's type. */
  readonly backend: string;
  /** The endpoint that gave the token: origin and base path count. */
  readonly endpoint: URL;
  /** What the backend adds: authenticator path, account, identity, scopes. */
  readonly bindings: readonly string[];
  /** The audience configured; empty without one. */
  readonly audience: string;
  /** SHA-256 of the CA and of the client certificate in force. */
  readonly trust: readonly [ca: string, clientCertificate: string];
  /** The server name override; empty without one. */
  readonly serverName: string;
}

/** What an entry holds. */
export interface Kept {
  readonly value: Sensitive;
  /** End of life on the server's clock, milliseconds since 1970. */
  readonly expiresAtServerMs: number;
  readonly lifetimeSeconds: number;
  /** The server's clock minus this machine's when the token came, milliseconds. */
  readonly clockOffsetMs: number;
  /** When it was kept, on this machine's clock, milliseconds since 1970. */
  readonly createdAtMs: number;
}

const FORMAT = 1;
/** HKDF-SHA256, then AES-256-GCM. */
const ALGORITHM = 1;
const SALT_BYTES = 32;
const HEADER_BYTES = 3 + SALT_BYTES;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Largest entry that is written or read, bytes: an exchange answers at most 64 KiB. */
export const LARGEST_ENTRY = 128 * 1024;

/**
 * The context as bytes that no other context has: every part with its length in front, the format and the SHA-256 of
 * the ID token included.
 */
export function canonicalContext(context: CacheContext, jwt: Sensitive): Buffer {
  const { endpoint } = context;
  return lengthPrefixed([
    'secretctl token cache',
    String(FORMAT),
    context.backend,
    endpoint.protocol,
    endpoint.hostname,
    endpoint.port === '' ? ({ 'https:': '443', 'http:': '80' }[endpoint.protocol] ?? '') : endpoint.port,
    endpoint.pathname,
    String(context.bindings.length),
    ...context.bindings,
    context.audience,
    ...context.trust,
    context.serverName,
    createHash('sha256').update(jwt.reveal()).digest('hex'),
  ]);
}

/** The entry's file name: 32 hex digits that reveal nothing. */
export function entryName(context: Buffer): string {
  return createHash('sha256').update(context).digest('hex').slice(0, 32);
}

/** The entry's bytes: a header in clear (format, algorithm, salt) and the rest encrypted under a key of its own. */
export function sealEntry(kept: Kept, context: Buffer, jwt: Sensitive, salt: Buffer): Buffer {
  const header = Buffer.concat([Buffer.from([FORMAT, 255 - FORMAT, ALGORITHM]), salt]);
  const { key, nonce } = deriveKey(jwt, salt, context);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.concat([header, context]));
  const plain = JSON.stringify({ ...kept, value: kept.value.reveal().toString('base64') });
  return Buffer.concat([header, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** What `sealEntry` sealed for this context and ID token; undefined for any other bytes. Never throws. */
export function openEntry(entry: Buffer, context: Buffer, jwt: Sensitive): Kept | undefined {
  if (entry.length < HEADER_BYTES + TAG_BYTES) return undefined;
  if (entry[0] !== FORMAT || entry[1] !== 255 - FORMAT || entry[2] !== ALGORITHM) return undefined;
  const header = entry.subarray(0, HEADER_BYTES);
  const { key, nonce } = deriveKey(jwt, header.subarray(3), context);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.concat([header, context]))
    .setAuthTag(entry.subarray(-TAG_BYTES));
  try {
    return readKept(Buffer.concat([decipher.update(entry.subarray(HEADER_BYTES, -TAG_BYTES)), decipher.final()]));
  } catch {
    return undefined;
  }
}

/**
 * Whether a later version of the program wrote this: its format number is higher, and the complement that follows it
 * fits, which in a damaged entry it does not.
 */
export function isNewerEntry(entry: Buffer): boolean {
  const [format = 0, complement = 0] = entry;
  return format > FORMAT && format + complement === 255;
}

/** The salt of a new entry, bytes: 32, random. A salt of its own gives every write a key and a nonce of its own. */
export function newSalt(random: (bytes: number) => Buffer): Buffer {
  return random(SALT_BYTES);
}

function deriveKey(jwt: Sensitive, salt: Buffer, context: Buffer): { key: Buffer; nonce: Buffer } {
  // The context's hash stands for it: HKDF's info is limited to 1,024 bytes here, and the context itself is authenticated.
  const info = Buffer.concat([Buffer.from('secretctl token cache key'), createHash('sha256').update(context).digest()]);
  const derived = Buffer.from(hkdfSync('sha256', jwt.reveal(), salt, info, KEY_BYTES + NONCE_BYTES));
  return { key: derived.subarray(0, KEY_BYTES), nonce: derived.subarray(KEY_BYTES) };
}

function readKept(plain: Buffer): Kept | undefined {
  const json = parseJsonBytes(plain);
  const value = textMember(json, 'value');
  const [expiresAtServerMs, lifetimeSeconds, clockOffsetMs, createdAtMs] = [
    numberMember(json, 'expiresAtServerMs'),
    numberMember(json, 'lifetimeSeconds'),
    numberMember(json, 'clockOffsetMs'),
    numberMember(json, 'createdAtMs'),
  ];
  if (value === undefined || expiresAtServerMs === undefined || lifetimeSeconds === undefined) return undefined;
  if (clockOffsetMs === undefined || createdAtMs === undefined) return undefined;
  return {
    value: new Sensitive(Buffer.from(value, 'base64')),
    expiresAtServerMs,
    lifetimeSeconds,
    clockOffsetMs,
    createdAtMs,
  };
}

function lengthPrefixed(parts: readonly string[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
