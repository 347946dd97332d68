import { vector } from '../support/vectors.ts';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createAuthority } from '../../src/dev/frame/certificates.ts';

export default vector({
  row: 45,
  title: 'CA file that is none',
  cases: [
    { name: 'missing', env: { CONJUR_CERT_FILE: 'nowhere.pem' }, exit: 78, reason: 'CA_FILE', packets: 0 },
    {
      name: 'empty',
      files: { 'ca.pem': '' },
      env: { CONJUR_CERT_FILE: 'ca.pem' },
      exit: 78,
      reason: 'CA_FILE',
      says: [/empty/],
      packets: 0,
    },
    {
      name: 'DER',
      files: { 'ca.pem': Buffer.from([0x30, 0x82, 1, 2, 3]) },
      env: { CONJUR_CERT_FILE: 'ca.pem' },
      exit: 78,
      reason: 'CA_FILE',
      says: [/PEM/],
      packets: 0,
    },
    {
      name: 'a key',
      before: async (stage) =>
        writeFileSync(path.join(stage.cwd, 'ca.pem'), (await (await createAuthority()).issue({ names: ['x'] })).key),
      env: { CONJUR_CERT_FILE: 'ca.pem' },
      exit: 78,
      reason: 'CA_FILE',
      says: [/key/],
      packets: 0,
    },
  ],
});
