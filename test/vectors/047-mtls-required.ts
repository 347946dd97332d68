import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { tlsServer } from '../support/odd-servers.ts';

export default vector({
  row: 47,
  title: 'server wants a client certificate',
  cases: [
    ...(['TLSv1.2', 'TLSv1.3'] as const).map(
      (version) =>
        ({
          name: version,
          before: async (stage) =>
            (
              await tlsServer(stage, () => undefined, {
                tls: { requestCert: true, rejectUnauthorized: true, minVersion: version, maxVersion: version },
              })
            ).env,
          exit: 80,
          reason: 'MTLS_REQUIRED',
        }) satisfies Case,
    ),
  ],
});
