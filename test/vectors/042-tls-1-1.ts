import { vector } from '../support/vectors.ts';
import { tlsServer } from '../support/odd-servers.ts';

export default vector({
  row: 42,
  title: 'server offers only TLS 1.1',
  cases: [
    {
      before: async (stage) =>
        (
          await tlsServer(stage, () => undefined, {
            tls: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
          })
        ).env,
      exit: 80,
      reason: 'TLS_VERSION',
    },
  ],
});
