import { ownVariable } from './token-in-variable.ts';
import type { Platform } from './types.ts';

/** Semaphore: a variable of every job. */
export const semaphore: Platform = {
  key: 'semaphore',
  name: 'Semaphore',
  isHere: (env) => env['SEMAPHORE'] === 'true',
  absence: 'SEMAPHORE is not "true"',
  declare: () => ['every job has it where the organisation may use OpenID Connect'],
  fixedAudience: "the organisation's own URL (https://ORGANISATION.semaphoreci.com)",
  own: ownVariable('SEMAPHORE_OIDC_TOKEN'),
};
