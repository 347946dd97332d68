import { unlessSystem } from '../lib/errors.ts';
import { tokenInVariable } from './token-in-variable.ts';
import { readTokenFile } from './file.ts';
import type { Platform } from './types.ts';

const FILE = '/mnt/workspace/spacelift.oidc';

/** Spacelift: a variable of each run; the same token is in a file of the workspace. */
export const spacelift: Platform = {
  key: 'spacelift',
  name: 'Spacelift',
  isHere: (env) => env['SPACELIFT_OIDC_TOKEN'] !== undefined,
  absence: 'SPACELIFT_OIDC_TOKEN is not set',
  declare: () => ['every run on a paid plan has it'],
  fixedAudience: 'the host name of the account (ACCOUNT.app.spacelift.io)',
  own: {
    needs: `SPACELIFT_OIDC_TOKEN and no file ${FILE}`,
    async find(_token, { runtime }) {
      const held = runtime.env['SPACELIFT_OIDC_TOKEN'];
      if (held !== undefined && held !== '') return tokenInVariable('SPACELIFT_OIDC_TOKEN', runtime);
      const isThere = unlessSystem(() => runtime.fs.statSync(FILE)) !== undefined;
      return isThere ? readTokenFile(FILE, `file ${FILE}`, runtime.fs) : undefined;
    },
  },
};
