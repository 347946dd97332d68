import { SecretctlError } from '../lib/errors.ts';
import { visible } from '../lib/text.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import { candidateHint } from './candidates.ts';
import { platformOf, removerOf } from './platforms.ts';
import { tokenInVariable } from './token-in-variable.ts';
import type { Seeking, TokenSettings, TokenSource } from './types.ts';

/** The variable that is looked at where none is named. */
export const DEFAULT_VARIABLE = 'SECRETCTL_ID_TOKEN';

/** A variable that was named, on any CI and on a laptop. */
export const variableSource: TokenSource = {
  name: 'variable',
  async find(token, seeking) {
    if (token.env === undefined) return { here: false, reason: 'not asked for (--token-env)' };
    return readVariable(token.env, token, seeking);
  },
};

/** The default variable on a laptop with a test token, or on a CI that is not known here. */
export const defaultSource: TokenSource = {
  name: DEFAULT_VARIABLE,
  async find(token, seeking) {
    if (seeking.runtime.env[DEFAULT_VARIABLE] === undefined)
      return { here: false, reason: `${DEFAULT_VARIABLE} is not set` };
    return readVariable(DEFAULT_VARIABLE, token, seeking);
  },
};

/** The token in a variable that must be there. Throws TOKEN_MISSING (66), and what reading a file and a token throws. */
export function readVariable(name: string, token: TokenSettings, { runtime, journal }: Seeking): SubjectToken {
  const remover = removerOf(name);
  if (remover !== undefined && runtime.env[name] !== undefined) {
    journal.warn(`${remover.platform} removed ${name} in ${remover.since} because ${remover.because}`);
  }
  const found = tokenInVariable(name, runtime);
  if (found !== undefined) return found;
  const platform = platformOf(runtime.env);
  const where = platform === undefined ? 'there is no variable' : `this ${platform.name} job has no`;
  const removed = remover === undefined ? [] : [`${remover.platform} removed this variable in ${remover.since}`];
  const declared = platform?.declare(visible(remover === undefined ? name : DEFAULT_VARIABLE), token.audience);
  throw new SecretctlError('TOKEN_MISSING', `${where} ${visible(name)}, which should hold the ID token`, {
    hint: [
      ...removed,
      ...(declared ?? ['set it, or name another source: --token-env, --token-file, --token-command or --token-stdin']),
      ...candidateHint(runtime.env),
    ],
  });
}
