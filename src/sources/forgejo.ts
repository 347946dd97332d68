import { actionsToken } from './actions-token.ts';
import type { Environment, Platform } from './types.ts';

/** Forgejo Actions, whose runner says that it is Gitea and GitHub as well. */
export const forgejo: Platform = {
  key: 'forgejo',
  name: 'Forgejo Actions',
  isHere: isForgejo,
  absence: 'FORGEJO_ACTIONS is not "true"',
  declare: () => [
    'add to this workflow or job: enable-openid-connect: true',
    'a pull request from a fork gets no ID token',
  ],
  own: actionsToken('Forgejo Actions'),
};

/** Gitea Actions, whose runner says that it is GitHub as well. No release with ID tokens is known; the variables are. */
export const gitea: Platform = {
  key: 'gitea',
  name: 'Gitea Actions',
  isHere: (env) => isGitea(env) && !isForgejo(env),
  absence: 'GITEA_ACTIONS is not "true"',
  declare: () => ['Gitea gives its jobs an ID token only in versions that set these variables'],
  own: actionsToken('Gitea Actions'),
};

/** Whether the runner is Forgejo's. */
export function isForgejo(env: Environment): boolean {
  return env['FORGEJO_ACTIONS'] === 'true';
}

/** Whether the runner is Gitea's or one that says so. */
export function isGitea(env: Environment): boolean {
  return env['GITEA_ACTIONS'] === 'true';
}
