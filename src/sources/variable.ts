import { isAbsolute } from 'node:path';
import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import { readToken } from '../lib/jwt.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { visible } from '../lib/text.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import { candidateHint } from './candidates.ts';
import { readTokenFile } from './file.ts';
import { platformOf, removerOf } from './platforms.ts';
import type { Platform, TokenSettings, TokenSource } from './types.ts';

/** The variable that is looked at where none is named. */
export const DEFAULT_VARIABLE = 'SECRETCTL_ID_TOKEN';

/** A variable that was named, on any CI and on a laptop. */
export const variableSource: TokenSource = {
  name: 'variable',
  async read(token, invocation) {
    if (token.env === undefined) return { here: false, reason: 'none is named (--token-env)' };
    return readVariable(token.env, token, invocation);
  },
};

/** The default variable in a job of this CI, which must have it. */
export function platformSource(platform: Platform): TokenSource {
  return {
    name: platform.name,
    async read(token, invocation) {
      if (!platform.isHere(invocation.runtime.env)) return { here: false, reason: platform.absence };
      return readVariable(DEFAULT_VARIABLE, token, invocation);
    },
  };
}

/** The default variable anywhere else: a laptop with a test token, a CI that is not known here. */
export const defaultSource: TokenSource = {
  name: `variable ${DEFAULT_VARIABLE}`,
  async read(token, invocation) {
    if (invocation.runtime.env[DEFAULT_VARIABLE] === undefined) return { here: false, reason: 'not set' };
    return readVariable(DEFAULT_VARIABLE, token, invocation);
  },
};

/**
 * The token in a variable, or in the file whose path the variable holds: Jenkins' file credentials and GitLab's file
 * variables. Throws TOKEN_MISSING (66), and what reading a file and a token throws.
 */
function readVariable(name: string, token: TokenSettings, invocation: Invocation): SubjectToken {
  const { runtime, journal } = invocation;
  const value = runtime.env[name];
  const origin = `variable ${visible(name)}`;
  if (value === undefined) throw missing(name, token, invocation);
  const remover = removerOf(name);
  if (remover !== undefined) {
    journal.warn(`${remover.platform} removed ${name} in ${remover.since} because ${remover.because}`);
  }
  // No JWT begins like an absolute path.
  const read = isAbsolute(value)
    ? readTokenFile(value.replace(/\r?\n$/, ''), `the file that ${origin} names`, runtime.fs)
    : readToken(new Sensitive(value), origin);
  return { ...read, variable: name };
}

function missing(name: string, token: TokenSettings, { runtime }: Invocation): SecretctlError {
  const platform = platformOf(runtime.env);
  const where = platform === undefined ? 'there is no variable' : `this ${platform.name} job has no`;
  const remover = removerOf(name);
  const removed = remover === undefined ? [] : [`${remover.platform} removed this variable in ${remover.since}`];
  const declared = platform?.declare(visible(remover === undefined ? name : DEFAULT_VARIABLE), token.audience);
  return new SecretctlError('TOKEN_MISSING', `${where} ${visible(name)}, which should hold the ID token`, {
    hint: [
      ...removed,
      ...(declared ?? ['set it, or name another source: --token-env, --token-file or --token-stdin']),
      ...candidateHint(runtime.env),
    ],
  });
}
