import { filePath, oneOf, secretText, text } from '../../lib/parsers.ts';
import { settingRows, type SettingValues } from '../../lib/settings.ts';

/** Settings of one Protegrity appliance or cluster (pam-cloud.md, section 2). */
export const settings = settingRows({
  edition: {
    parser: oneOf(['esa', 'ppc']),
    default: 'esa',
    help: 'esa (ESA and DSG 10), or ppc (the cluster edition, AI Team Edition)',
  },
  'login-name': { parser: text, help: 'name of the user, who must have the permission Can Create JWT Token' },
  password: { parser: secretText, help: "the user's password, from another backend or a variable" },
  'key-file': {
    parser: filePath,
    help: 'PEM public key that the resilient package is encrypted to (key encryption key; esa)',
  },
  'key-label': { parser: text, default: 'secretctl', help: 'its label' },
  'key-algorithm': { parser: text, default: 'RSA-OAEP-256', help: 'its algorithm' },
});

/** What the rows say, parsed. */
export type ProtegrityValues = SettingValues<typeof settings>;
