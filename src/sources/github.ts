import { actionsToken } from './actions-token.ts';
import { isForgejo, isGitea } from './forgejo.ts';
import type { Environment, Platform } from './types.ts';

/** GitHub Actions, github.com and Enterprise Server. */
export const github: Platform = {
  key: 'github',
  name: 'GitHub Actions',
  isHere: (env) => looksLikeIt(env) && !isForgejo(env) && !isGitea(env) && env['ACT'] !== 'true',
  absence: 'GITHUB_ACTIONS is not "true"',
  declare: () => [
    'give this job the permission: permissions: { id-token: write, contents: read }',
    'a pull request from a fork gets no ID token',
  ],
  own: actionsToken('GitHub Actions'),
};

/** nektos/act, which plays GitHub on a laptop, and has no issuer. */
export const act: Platform = {
  key: 'act',
  name: 'act',
  isHere: (env) => looksLikeIt(env) && !isForgejo(env) && !isGitea(env) && env['ACT'] === 'true',
  absence: 'ACT is not "true"',
  declare: () => ['act has no issuer of its own: rehearse with "secretctl dev exec --ci github -- …"'],
  own: actionsToken('act'),
};

function looksLikeIt(env: Environment): boolean {
  return env['GITHUB_ACTIONS'] === 'true';
}
