import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import { candidateHint } from './candidates.ts';
import { chainSource } from './chain.ts';
import { fileSource } from './file.ts';
import { PLATFORMS } from './platforms.ts';
import { stdinSource } from './stdin.ts';
import type { TokenSettings, TokenSource } from './types.ts';
import { DEFAULT_VARIABLE, defaultSource, platformSource, variableSource } from './variable.ts';

/** Every place a token may come from, in the order of asking: what was named, then the CI, then the default variable. */
export const SOURCES: readonly TokenSource[] = [
  chainSource,
  stdinSource,
  fileSource,
  variableSource,
  ...PLATFORMS.map(platformSource),
  defaultSource,
];

/**
 * The ID token from the first source that is here. Throws NO_ID_TOKEN (66), listing every source and why it is not
 * here, or what the source that is here says against its token (TOKEN_MISSING, TOKEN_FILE, TOKEN_FORMAT, …).
 */
export async function readSubjectToken(token: TokenSettings, invocation: Invocation): Promise<SubjectToken> {
  const absent: string[] = [];
  for (const source of SOURCES) {
    const answer = await source.read(token, invocation);
    if ('jwt' in answer) return answer;
    absent.push(`${source.name}: ${answer.reason}`);
  }
  throw new SecretctlError('NO_ID_TOKEN', 'no ID token was found', {
    details: absent,
    hint: [
      `set ${DEFAULT_VARIABLE}, or name where the token is: --token-env, --token-file or --token-stdin`,
      ...candidateHint(invocation.runtime.env),
    ],
  });
}
