import { SecretctlError } from '../lib/errors.ts';
import { quoted } from '../lib/text.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import { candidateHint } from './candidates.ts';
import type { Platform, Seeking, TokenSettings, TokenSource } from './types.ts';
import { DEFAULT_VARIABLE, readVariable } from './variable.ts';

/**
 * A job of this CI: the default variable where the job declared it, else the CI's own way. A job that has neither is
 * told how to declare it (TOKEN_MISSING, 66).
 */
export function platformSource(platform: Platform): TokenSource {
  return {
    name: platform.name,
    key: platform.key,
    async find(token, seeking) {
      const { env } = seeking.runtime;
      const isNamed = token.source === platform.key;
      if (!isNamed && !platform.isHere(env)) return { here: false, reason: platform.absence };
      if (platform.own === undefined || (!isNamed && isDeclared(env[DEFAULT_VARIABLE]))) {
        return readVariable(DEFAULT_VARIABLE, token, seeking);
      }
      const found = await platform.own.find(token, seeking);
      if (found === undefined) throw missing(platform, platform.own.needs, token, seeking);
      if (!('ask' in found)) return checked(found, platform, token);
      return { plan: found.plan, ask: async () => checked(await found.ask(), platform, token) };
    },
  };
}

/** An empty variable is what a CI makes of one that is not there. */
function isDeclared(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function missing(platform: Platform, needs: string, token: TokenSettings, { runtime }: Seeking): SecretctlError {
  return new SecretctlError('TOKEN_MISSING', `this ${platform.name} job has no ${needs}, so it has no ID token`, {
    hint: [
      ...platform.declare(DEFAULT_VARIABLE, token.audience),
      `or put a token of another issuer into ${DEFAULT_VARIABLE}`,
      ...candidateHint(runtime.env),
    ],
  });
}

/** Where nobody can choose the audience, only the backend can be told which one to expect. */
function checked(found: SubjectToken, { name, fixedAudience }: Platform, { audience }: TokenSettings): SubjectToken {
  if (fixedAudience === undefined || audience === undefined || found.claims.aud.includes(audience)) return found;
  const carried = found.claims.aud.length === 0 ? 'no audience' : found.claims.aud.slice(0, 5).map(quoted).join(', ');
  throw new SecretctlError(
    'TOKEN_AUDIENCE',
    `the ID token is for ${carried}, expected ${quoted(audience)}, and ${name} lets no job choose`,
    { hint: `${name} gives its jobs tokens for ${fixedAudience} alone: have the backend accept that, and say it here` },
  );
}
