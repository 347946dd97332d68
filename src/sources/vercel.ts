import { ownVariable } from './token-in-variable.ts';
import type { Platform } from './types.ts';

/** Vercel: a variable of builds; a function has its token in a request header instead. */
export const vercel: Platform = {
  key: 'vercel',
  name: 'Vercel',
  isHere: (env) => env['VERCEL'] !== undefined && env['VERCEL'] !== '',
  absence: 'VERCEL is not set',
  declare: () => ['switch OIDC federation on in the settings of the project'],
  fixedAudience: "the team's own URL (https://vercel.com/TEAM)",
  own: ownVariable('VERCEL_OIDC_TOKEN'),
};
