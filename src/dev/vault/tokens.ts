import type { RehearsalWorld } from '../types.ts';
import type { VaultOptions } from './options.ts';

/** The access tokens that are out, their uses and their leases. */
export interface Tokens {
  /** A new one. */
  issue(): string;
  /** Whether a request may have it; without `isFree` that is one of its uses. */
  admit(token: string, isFree: boolean): boolean;
  /** A new lease that lives no longer than its token. */
  lease(token: string, path: string): Lease;
  /** What is left of one that is good: seconds (0: it does not end) and uses (0: any number of times). */
  left(token: string): { readonly seconds: number; readonly uses: number };
  /** Whether a token's uses are all gone: what was made with the last one is withheld. */
  isUsedUp(token: string): boolean;
  revoke(token: string): void;
  revokeAll(): void;
}

/** What a dynamic secret lives by. */
export interface Lease {
  readonly id: string;
  readonly seconds: number;
}

interface Standing {
  readonly endMs: number;
  uses: number;
}

const LEASE_SECONDS = 900;

/** None is out yet. */
export function openTokens(world: RehearsalWorld, options: VaultOptions): Tokens {
  const out = new Map<string, Standing>();
  const lifeMs = options['token-lifetime'] * 1000;
  const uses = options['num-uses'];
  const prefix = options['token-type'] === 'batch' ? 'hvb.' : 'hvs.';
  return {
    issue() {
      const token = `${prefix}${world.random(24).toString('base64url')}`;
      const endMs = lifeMs === 0 ? Number.POSITIVE_INFINITY : world.now() + lifeMs;
      out.set(token, { endMs, uses: uses === 0 ? Number.POSITIVE_INFINITY : uses });
      return token;
    },
    admit(token, isFree) {
      const standing = out.get(token);
      if (standing === undefined || standing.endMs <= world.now() || standing.uses < 1) return false;
      if (!isFree) standing.uses--;
      return true;
    },
    lease(token, path) {
      const id = `${path}/${world.random(12).toString('hex')}`;
      const leftMs = (out.get(token)?.endMs ?? 0) - world.now();
      return { id, seconds: Math.min(LEASE_SECONDS, Math.floor(leftMs / 1000)) };
    },
    left(token) {
      const { endMs = 0, uses: usesLeft = 0 } = out.get(token) ?? {};
      const seconds = Number.isFinite(endMs) ? Math.floor((endMs - world.now()) / 1000) : 0;
      return { seconds, uses: Number.isFinite(usesLeft) ? usesLeft : 0 };
    },
    isUsedUp: (token) => (out.get(token)?.uses ?? 0) < 1,
    revoke: (token) => void out.delete(token),
    revokeAll: () => out.clear(),
  };
}
