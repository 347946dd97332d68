import type { BackendType, SettingsFault } from '../types.ts';
import { type ProtegrityValues, settings } from './settings.ts';

/**
 * Protegrity ESA, DSG and PPC (pam-cloud.md, section 2). They take no token of another issuer: name and password come from
 * a backend that does.
 */
export const protegrity: BackendType<typeof settings> = {
  type: 'protegrity',
  title: 'Protegrity',
  algorithms: [],
  requiredClaims: [],
  settings,
  variables: {},
  check: checkSettings,
  create: async (context) => (await import('./protegrity.ts')).openProtegrity(context),
};

function checkSettings(_url: URL, values: ProtegrityValues): readonly SettingsFault[] {
  const { edition, 'login-name': name, password, 'key-file': key } = values;
  return [
    ...(name === undefined ? [{ missing: 'login-name', what: 'no ID token is taken here' }] : []),
    ...(password === undefined ? [{ missing: 'password', what: 'no ID token is taken here' }] : []),
    ...(key !== undefined && edition === 'ppc' ? ['key-file is for edition: esa'] : []),
  ];
}
