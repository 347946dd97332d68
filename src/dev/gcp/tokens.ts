import type { RehearsalWorld } from '../types.ts';

/** Holder of a token of the pool itself. */
export const POOL = 'pool';
/** The same of one that is good for acting as a service account and nothing else. */
export const POOL_FOR_IAM = 'pool, for service accounts alone';

/** The access tokens that are out, each for whom it is: a service account or the pool. */
export interface Tokens {
  issue(holder: string, lifetimeSeconds: number): string;
  /** Whose a token is; undefined for one that is not known or past its end. */
  holder(authorization: string | undefined): string | undefined;
  revokeAll(): void;
}

/** None is out yet. */
export function openTokens(world: RehearsalWorld): Tokens {
  const out = new Map<string, { readonly holder: string; readonly endMs: number }>();
  return {
    issue(holder, lifetimeSeconds) {
      const prefix = holder.startsWith(POOL) ? 'ya29.d.' : 'ya29.c.';
      const token = `${prefix}${world.random(96).toString('base64url')}`;
      out.set(token, { holder, endMs: world.now() + lifetimeSeconds * 1000 });
      return token;
    },
    holder(authorization) {
      const token = /^Bearer (?<token>\S+)$/.exec(authorization ?? '')?.groups?.['token'] ?? '';
      const standing = out.get(token);
      return standing !== undefined && standing.endMs > world.now() ? standing.holder : undefined;
    },
    revokeAll: () => out.clear(),
  };
}
