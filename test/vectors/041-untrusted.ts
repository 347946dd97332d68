import { vector } from '../support/vectors.ts';
import { tlsServer } from '../support/odd-servers.ts';

const silent = (): void => undefined;

export default vector({
  row: 41,
  title: 'certificates that do not verify',
  cases: [
    {
      name: 'unknown authority',
      env: { CONJUR_CERT_FILE: undefined },
      exit: 80,
      reason: 'TLS_TRUST',
      says: [/--ca-file/, /throw-away authority/],
      packets: 0,
    },
    {
      name: 'expired',
      before: async (stage) => (await tlsServer(stage, silent, { notAfterMs: Date.UTC(2001, 0, 1) })).env,
      exit: 80,
      reason: 'TLS_TRUST',
      says: [/expired/],
    },
    {
      name: 'wrong name',
      before: async (stage) => (await tlsServer(stage, silent, { names: ['other.example.test'] })).env,
      exit: 80,
      reason: 'TLS_TRUST',
      says: [/127\.0\.0\.1/, /other\.example\.test/],
    },
    {
      name: 'another authority',
      before: async (stage) => ({
        ...(await tlsServer(stage, silent)).env,
        CONJUR_CERT_FILE: stage.env['CONJUR_CERT_FILE'],
      }),
      exit: 80,
      reason: 'TLS_TRUST',
    },
  ],
});
