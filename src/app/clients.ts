import type { Service } from '../backends/types.ts';
import type { BackendSettings } from '../config/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { HttpClient } from '../lib/http.ts';
import type { Invocation } from '../lib/invocation.ts';
import { sendOnce } from './send-once.ts';

/** Where one backend is. */
export interface Addresses {
  readonly endpoints: readonly URL[];
  readonly services: readonly Service[];
}

/** One backend's clients: each sends to its own addresses and nowhere else. */
export interface Clients {
  /** For the backend's own `url`. */
  readonly http: HttpClient;
  service(name: string): HttpClient;
  /** The one that the ID token is sent with. */
  readonly exchangeHttp: HttpClient;
  /** Does this work with no request repeated, and returns its result. */
  withoutRepeats<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/**
 * Makes the clients without connecting. All trust the same certificates; the client certificate and the expected server
 * name are for the backend's own `url`. Throws CA_FILE or CLIENT_KEY (78).
 */
export async function openClients(
  { tls }: BackendSettings,
  { endpoints, services }: Addresses,
  invocation: Invocation,
): Promise<Clients> {
  // Loaded here and not at the top: what ends before this point does without undici.
  const [{ openHttp }, { certificateAuthority, clientCertificate }] = await Promise.all([
    import('../lib/http.ts'),
    import('../lib/pem.ts'),
  ]);
  const ca = certificateAuthority(tls, invocation.runtime);
  const certificate = clientCertificate(tls, invocation.runtime);
  const main = sendOnce(
    openHttp(
      {
        endpoints,
        ...(ca && { ca }),
        ...(certificate && { client: certificate }),
        ...(tls.serverName !== undefined && { serverName: tls.serverName }),
      },
      invocation,
    ),
  );
  const others = services.map(({ name, url, takesIdToken }) => {
    return { name, takesIdToken, client: sendOnce(openHttp({ endpoints: [url], ...(ca && { ca }) }, invocation)) };
  });
  const all = [main, ...others.map(({ client }) => client)];
  return {
    http: main.http,
    service(wanted) {
      const found = others.find(({ name }) => name === wanted);
      if (found === undefined) throw new SecretctlError('INTERNAL', `there is no service ${wanted}`);
      return found.client.http;
    },
    exchangeHttp: (others.find(({ takesIdToken }) => takesIdToken === true)?.client ?? main).http,
    withoutRepeats: (work) =>
      all.reduce(
        (inner, { withoutRepeats }) =>
          () =>
            withoutRepeats(inner),
        work,
      )(),
    async close() {
      await Promise.all(all.map(({ http }) => http.close()));
    },
  };
}
