import { gitlab } from './gitlab.ts';
import { jenkins } from './jenkins.ts';
import type { Environment, Platform } from './types.ts';

/** Every CI that is known; one row each, the first that is here counts. */
export const PLATFORMS: readonly Platform[] = [gitlab, jenkins];

/** The CI that this environment is a job of. */
export function platformOf(env: Environment): Platform | undefined {
  return PLATFORMS.find((platform) => platform.isHere(env));
}

/** The CI that once filled this variable by itself, and since when and why it does no longer. */
export function removerOf(variable: string): Remover | undefined {
  const platform = PLATFORMS.find(({ removed }) => removed?.variables.includes(variable) === true);
  return platform?.removed && { platform: platform.name, ...platform.removed };
}

interface Remover {
  readonly platform: string;
  readonly since: string;
  readonly because: string;
}
