import { gitlab } from './gitlab.ts';
import { jenkins } from './jenkins.ts';
import type { Environment, Platform } from './types.ts';

/** Every CI that is known; one row each, the first that is here counts. */
export const PLATFORMS: readonly Platform[] = [gitlab, jenkins];

/** The CI that this environment is a job of. */
export function platformOf(env: Environment): Platform | undefined {
  return PLATFORMS.find((platform) => platform.isHere(env));
}
