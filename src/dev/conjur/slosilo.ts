import { createHash } from 'node:crypto';

import { jsonIn, numberMember, textMember } from '../../lib/json.ts';

/** What an access token says. */
export interface SlosiloClaims {
  readonly sub: string;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp?: number;
  /** SaaS: the tenant. */
  readonly tid?: string;
}

/** Signs and verifies access tokens in the shape of Conjur's slosilo (conjur-vault.md, 1.2). */
export interface TokenSigner {
  /** The JSON of a token. */
  issue(claims: SlosiloClaims): string;
  /** What the `token="…"` of a request holds, judged on the server's clock. */
  verify(base64: string, nowMs: number): Verdict;
  /** A new key; tokens of the old one are dead. */
  rotate(): void;
}

type Verdict = SlosiloClaims | 'malformed' | 'invalid';

/** Clients never verify it, so any signature that only this server can make will do; it is as long as a real one. */
const SIGNATURE_BYTES = 288;

const KEY_BYTES = 32;

/** Servers take a token without `exp` for so long, seconds. */
const UNSTATED_LIFETIME_SECONDS = 480;

/** `random` makes the keys. */
export function openSigner(random: (bytes: number) => Buffer): TokenSigner {
  let key = random(KEY_BYTES);
  const kid = (): string => createHash('sha256').update(key).digest('hex');
  const sign = (data: string): string =>
    padded(createHash('shake256', { outputLength: SIGNATURE_BYTES }).update(key).update(data).digest());
  return {
    issue(claims) {
      const head = padded(Buffer.from(JSON.stringify({ alg: 'conjur.org/slosilo/v2', kid: kid() })));
      const body = padded(Buffer.from(JSON.stringify(claims)));
      return JSON.stringify({ protected: head, payload: body, signature: sign(`${head}.${body}`) });
    },
    verify(base64, nowMs) {
      const token = jsonIn(lenient(base64));
      if (token === undefined) return 'malformed';
      const head = textMember(token, 'protected') ?? '';
      const body = textMember(token, 'payload') ?? '';
      if (textMember(token, 'signature') !== sign(`${head}.${body}`)) return 'invalid';
      const claims = jsonIn(Buffer.from(body, 'base64url'));
      const sub = textMember(claims, 'sub');
      const iat = numberMember(claims, 'iat');
      if (sub === undefined || iat === undefined) return 'invalid';
      const exp = numberMember(claims, 'exp') ?? iat + UNSTATED_LIFETIME_SECONDS;
      return exp * 1000 > nowMs ? { sub, iat, exp } : 'invalid';
    },
    rotate() {
      key = random(KEY_BYTES);
    },
  };
}

/** URL-safe base64 with its padding. */
function padded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** Ruby's decoder drops what is not of the standard alphabet, `-` and `_` among it. */
function lenient(base64: string): Buffer {
  return Buffer.from(base64.replace(/[^A-Za-z0-9+/=]/g, ''), 'base64');
}
