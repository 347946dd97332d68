import { createHmac } from 'node:crypto';
import { jsonIn, numberMember } from '../../lib/json.ts';
import type { RehearsalWorld } from '../types.ts';

/** The appliance's own tokens: HS256 with a secret that nobody else has (pam-cloud.md 2.1). */
export interface Tokens {
  /** A token for the API, its end in `exp`. */
  issue(kind: 'access' | 'refresh' | 'body'): string;
  /** Whether it is one of ours, of that kind, and not over. */
  isGood(token: string, kind: 'access' | 'refresh'): boolean;
  revokeAll(): void;
}

/** None is out yet. */
export function openTokens(world: RehearsalWorld, lifetimeSeconds: number): Tokens {
  const secret = world.random(32);
  const out = new Set<string>();
  const signed = (text: string): string => createHmac('sha256', secret).update(text).digest('base64url');
  return {
    issue(kind) {
      const header = encoded({ alg: 'HS256', typ: 'JWT' });
      const end = Math.floor(world.now() / 1000) + lifetimeSeconds;
      const claims = encoded({ sub: 'pipeline', kind, exp: end, jti: world.random(8).toString('hex') });
      const token = `${header}.${claims}.${signed(`${header}.${claims}`)}`;
      out.add(`${kind} ${token}`);
      return token;
    },
    isGood(token, kind) {
      const end = numberMember(jsonIn(Buffer.from(token.split('.')[1] ?? '', 'base64url')), 'exp') ?? 0;
      return out.has(`${kind} ${token}`) && end * 1000 > world.now();
    },
    revokeAll: () => out.clear(),
  };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
