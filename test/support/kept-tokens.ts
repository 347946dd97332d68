import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { type CacheContext, openTokenCache, type TokenCache } from '../../src/app/token-cache.ts';
import { readToken } from '../../src/lib/jwt.ts';
import { Sensitive } from '../../src/lib/sensitive.ts';
import type { AccessToken, SubjectToken } from '../../src/lib/tokens.ts';
import { canary } from './canaries.ts';
import { craftToken, fineClaims, RS256 } from './craft.ts';
import { invocationIn, type World } from './invocation.ts';

/** When the tests take place: the real time, because files carry it. Milliseconds since 1970. */
export const NOW = Date.now();

/** What the kept access token is. */
export const SECRET = canary();

/** What the kept access token is bound to. */
export const CONTEXT: CacheContext = {
  backend: 'conjur',
  endpoint: new URL('https://conjur.example.test/api'),
  bindings: ['authn-jwt/gitlab', 'prod', ''],
  audience: 'https://conjur.example.test',
  trust: ['system', ''],
  serverName: '',
};

/** The ID token of a job; the same claims give the same token. */
export function idToken(changes: Readonly<Record<string, unknown>> = {}, header: unknown = RS256): SubjectToken {
  const claims = fineClaims({ jti: 'one', ...changes, iat: 1, nbf: 1, exp: 2 });
  return readToken(new Sensitive(craftToken(header, claims)), 'x');
}

/** The access token that is kept, so many seconds before its end. */
export function accessToken(lifetimeSeconds = 480): AccessToken {
  return { value: new Sensitive(SECRET), expiresAtMs: NOW + lifetimeSeconds * 1000, lifetimeSeconds };
}

/** Its text, or undefined when there is none. */
export function textOf(token: AccessToken | undefined): string | undefined {
  return token?.value.reveal().toString();
}

/** One command's view of the kept tokens, and what it said on stderr. */
interface Opened extends TokenCache {
  readonly lines: readonly string[];
}

/** A place for kept tokens, new for each test. */
interface Place {
  /** The test's own directory; only the cache directory is in it. */
  readonly root: string;
  readonly directory: string;
  open(world?: World): Opened;
  /** Keeps one token and returns the file that holds it. */
  keepOne(context?: CacheContext, job?: SubjectToken): string;
}

/** Call it at the top of a test file. */
export function placeForTokens(): Place {
  let root = '';
  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'kept-tokens-')));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const directory = (): string => path.join(root, 'cache');
  const open = (world: World = {}): Opened => {
    const invocation = invocationIn({ now: () => NOW, ...world });
    return { ...openTokenCache({ cache: true, cacheDir: directory() }, invocation), lines: invocation.lines };
  };
  return {
    get root() {
      return root;
    },
    get directory() {
      return directory();
    },
    open,
    keepOne(context = CONTEXT, job = idToken()) {
      const before = existsSync(directory()) ? readdirSync(directory()) : [];
      expect(open().put(context, job, accessToken(), 0)).toBeUndefined();
      return path.join(directory(), readdirSync(directory()).find((name) => !before.includes(name)) ?? 'nothing');
    },
  };
}
