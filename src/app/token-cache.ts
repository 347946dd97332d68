import type { Invocation } from '../lib/invocation.ts';
import { isHmac } from '../lib/token-rules.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { duration } from '../lib/text.ts';
import type { AccessToken, SubjectToken } from '../lib/tokens.ts';
import { openCacheDirectory, type PrivateDirectory } from './token-cache-directory.ts';
import {
  type CacheContext,
  canonicalContext,
  entryName,
  isNewerEntry,
  type Kept,
  LARGEST_ENTRY,
  newSalt,
  openEntry,
  sealEntry,
} from './token-cache-entry.ts';
import { readEntryFile, removeEntryFile, sweep, writeEntryFile } from './token-cache-file.ts';

export type { CacheContext } from './token-cache-entry.ts';

/**
 * Access tokens kept between the commands of one job, in files that only this job's ID token opens (P9). Nothing here
 * throws: whatever is wrong with an entry, there is none.
 */
export interface TokenCache {
  /** Where tokens are kept; undefined when none are. */
  readonly directory: string | undefined;
  get(context: CacheContext, idToken: SubjectToken): AccessToken | undefined;
  /** Why the token is not kept; undefined when it is. `clockOffsetMs` is the server's clock minus this machine's. */
  put(
    context: CacheContext,
    idToken: SubjectToken,
    accessToken: AccessToken,
    clockOffsetMs: number,
  ): string | undefined;
  /** Forgets the token and hands it out a last time, to be revoked, while the server still takes it. */
  take(context: CacheContext, idToken: SubjectToken): AccessToken | undefined;
  forget(context: CacheContext, idToken: SubjectToken): void;
  close(): void;
}

/** The margins before a token's end within which it is not used any more (security.md 3.6). */
const MARGIN_MS = 30_000;
const MARGIN_OF_LIFE = 0.15;

/** How far back the clock may have been set since an entry was written, milliseconds: less than the margin. */
const CLOCK_STEP_MS = 5000;

/**
 * Opens the place where tokens are kept. Without a usable one, or under `--no-cache`, nothing is kept and the work
 * goes on; the former is one warning. Throws CACHE_DIR (78) for a configured directory inside a workspace.
 */
export function openTokenCache(
  settings: { readonly cache: boolean; readonly cacheDir: string | undefined },
  invocation: Invocation,
): TokenCache {
  if (!settings.cache) return NO_CACHE;
  const opened = openCacheDirectory(settings.cacheDir, invocation.runtime);
  if ('reason' in opened) {
    invocation.journal.warn(`no access token is kept, so every command exchanges anew: ${opened.reason}`);
    return NO_CACHE;
  }
  return cacheIn(opened, invocation);
}

const NO_CACHE: TokenCache = {
  directory: undefined,
  get: () => undefined,
  put: () => 'nothing is kept in this run',
  take: () => undefined,
  forget: () => undefined,
  close: () => undefined,
};

function cacheIn(directory: PrivateDirectory, { runtime, journal }: Invocation): TokenCache {
  const open = (
    context: CacheContext,
    idToken: SubjectToken,
  ): { kept: Kept | undefined; name: string; isOurs: boolean } => {
    const { bytes, name } = bindingOf(context, idToken);
    const entry = readEntryFile(directory, name, runtime);
    const kept = entry instanceof Buffer ? openEntry(entry, bytes, keyMaterial(idToken)) : undefined;
    return { kept, name, isOurs: entry !== 'absent' && !(entry instanceof Buffer && isNewerEntry(entry)) };
  };
  return {
    directory: directory.path,
    get(context, idToken) {
      const { kept, name, isOurs } = open(context, idToken);
      if (kept !== undefined && isFresh(kept, runtime.now())) return accessTokenOf(kept);
      if (isOurs) removeEntryFile(directory, name, runtime);
      sweep(directory, runtime);
      return undefined;
    },
    put(context, idToken, accessToken, clockOffsetMs) {
      const { bytes, name } = bindingOf(context, idToken);
      if (isHmac(idToken.header.alg)) return 'the ID token is a test token, signed with a secret that may be guessed';
      const kept = keptFrom(accessToken, clockOffsetMs, runtime.now());
      if (typeof kept === 'string') return kept;
      const there = readEntryFile(directory, name, runtime);
      if (there instanceof Buffer && isNewerEntry(there)) return 'a newer version of this program kept one already';
      const entry = sealEntry(kept, bytes, keyMaterial(idToken), newSalt(runtime.random));
      if (entry.length <= LARGEST_ENTRY && writeEntryFile(directory, name, entry, runtime)) return undefined;
      journal.warn('the access token could not be kept, so the next command exchanges anew');
      return 'it could not be written';
    },
    take(context, idToken) {
      const { kept, name, isOurs } = open(context, idToken);
      if (isOurs) removeEntryFile(directory, name, runtime);
      if (kept === undefined || runtime.now() + kept.clockOffsetMs >= kept.expiresAtServerMs) return undefined;
      return accessTokenOf(kept);
    },
    forget: (context, idToken) => void removeEntryFile(directory, bindingOf(context, idToken).name, runtime),
    close: () => directory.close(),
  };
}

function bindingOf(context: CacheContext, idToken: SubjectToken): { readonly bytes: Buffer; readonly name: string } {
  const bytes = canonicalContext(context, keyMaterial(idToken));
  return { bytes, name: entryName(bytes) };
}

/**
 * What opens an entry: the ID token; where each command asks for another one, the right by which it was asked, together
 * with whom the token is from, about and for.
 */
function keyMaterial({ jwt, jobSecret, claims }: SubjectToken): Sensitive {
  if (jobSecret === undefined) return jwt;
  const { iss = '', sub = '', aud } = claims;
  return new Sensitive(Buffer.concat([jobSecret.reveal(), Buffer.from(JSON.stringify([iss, sub, aud]))]));
}

/** Judged on the server's clock: its end of life and its offset were kept with the token. */
function isFresh(kept: Kept, nowMs: number): boolean {
  if (kept.createdAtMs > nowMs + CLOCK_STEP_MS) return false;
  const marginMs = Math.max(MARGIN_MS, MARGIN_OF_LIFE * kept.lifetimeSeconds * 1000);
  return nowMs + kept.clockOffsetMs < kept.expiresAtServerMs - marginMs;
}

function accessTokenOf(kept: Kept): AccessToken {
  return {
    value: kept.value,
    expiresAtMs: kept.expiresAtServerMs - kept.clockOffsetMs,
    lifetimeSeconds: kept.lifetimeSeconds,
  };
}

/** What is kept; or why nothing is, for a token without a known end or one that would never be used again. */
function keptFrom(accessToken: AccessToken, clockOffsetMs: number, nowMs: number): Kept | string {
  const { value, expiresAtMs } = accessToken;
  if (expiresAtMs === undefined) return 'the server does not say how long it lives';
  const kept = {
    value,
    expiresAtServerMs: expiresAtMs + clockOffsetMs,
    lifetimeSeconds: accessToken.lifetimeSeconds ?? Math.max(0, (expiresAtMs - nowMs) / 1000),
    clockOffsetMs,
    createdAtMs: nowMs,
  };
  return isFresh(kept, nowMs) ? kept : `it lives for ${duration(expiresAtMs - nowMs)} only`;
}
