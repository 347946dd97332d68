import { ownVariable } from './token-in-variable.ts';
import type { Platform } from './types.ts';

/** Bitbucket Pipelines: a variable of the step that says so. */
export const bitbucket: Platform = {
  key: 'bitbucket',
  name: 'Bitbucket Pipelines',
  isHere: (env) => env['BITBUCKET_BUILD_NUMBER'] !== undefined || env['BITBUCKET_COMMIT'] !== undefined,
  absence: 'neither BITBUCKET_BUILD_NUMBER nor BITBUCKET_COMMIT is set',
  declare: (_variable, audience) => [
    audience === undefined
      ? 'add to this step: oidc: true'
      : `add to this step: oidc: { audiences: [${JSON.stringify(audience)}] }`,
  ],
  own: ownVariable('BITBUCKET_STEP_OIDC_TOKEN'),
};
