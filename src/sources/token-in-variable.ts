import { isAbsolute } from 'node:path';
import type { Runtime } from '../lib/runtime.ts';
import { readToken } from '../lib/jwt.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { visible } from '../lib/text.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import { readTokenFile } from './file.ts';
import type { OwnWay } from './types.ts';

/**
 * The token in a variable, or in the file whose path the variable holds: Jenkins' file credentials and GitLab's file
 * variables. Undefined when there is no such variable. Throws what reading a file and a token throws.
 */
export function tokenInVariable(name: string, { env, fs }: Pick<Runtime, 'env' | 'fs'>): SubjectToken | undefined {
  const value = env[name];
  if (value === undefined) return undefined;
  const origin = `variable ${visible(name)}`;
  // No JWT begins like an absolute path.
  const read = isAbsolute(value)
    ? readTokenFile(value.replace(/\r?\n$/, ''), `the file that ${origin} names`, fs)
    : readToken(new Sensitive(value), origin);
  return { ...read, variable: name };
}

/** A variable that the CI fills by itself. */
export function ownVariable(name: string): OwnWay {
  return { needs: name, find: async (_token, { runtime }) => tokenInVariable(name, runtime) };
}
