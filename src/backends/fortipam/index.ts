import type { BackendContext, BackendType } from '../types.ts';
import { type FortipamValues, settings } from './settings.ts';

/**
 * FortiPAM 1.6 and later (pam-cloud.md, section 1). Its access tokens cannot be revoked: no such request is
 * documented for tokens of api-users; they end with their lease.
 */
export const fortipam: BackendType<typeof settings> = {
  type: 'fortipam',
  title: 'FortiPAM',
  algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'],
  requiredClaims: ['exp', 'iss'],
  settings,
  variables: { url: ['FPAM_URL', 'FORTIPAM_INSTANCE'] },
  standing: ['FPAM_TOKEN', 'FORTIPAM_TOKEN'],
  check: checkSettings,
  async create(context) {
    warnOfUncheckedTls(context);
    const { openFortipam } = await import('./fortipam.ts');
    return openFortipam(context);
  },
};

function checkSettings(_url: URL, values: FortipamValues): readonly string[] {
  if (values.user === undefined || values['login-user-field'] !== values['login-token-field']) return [];
  return ['login-user-field and login-token-field must not name the same field'];
}

/** The vendor's own clients switch certificate checks off with this variable; here nothing does. */
function warnOfUncheckedTls({ invocation }: BackendContext<FortipamValues>): void {
  const verify = invocation.runtime.env['FPAM_VERIFY_SSL']?.trim().toLowerCase();
  if (verify === undefined || !['false', '0', 'no', 'off', 'f'].includes(verify)) return;
  invocation.journal.warn(
    'FPAM_VERIFY_SSL is not heeded: the certificate is checked all the same (ca-file names a private CA)',
  );
}
