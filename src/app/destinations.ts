import type { BackendType } from '../backends/types.ts';
import type { BackendSettings } from '../config/types.ts';
import { isLoopback } from '../lib/endpoint.ts';
import type { Addresses } from './clients.ts';

/** An address that tokens, or a backend's own credentials, are sent to. */
export interface Destination {
  readonly url: URL;
  readonly takesIdToken: boolean;
  /** Only a file says so, which a merge request can change; it is neither this machine nor the makers' own. */
  readonly isUnbound: boolean;
}

/** Every address of a backend: what the ID token is exchanged for is worth as much to a stranger as the token itself. */
export function destinationsOf(
  { urlFrom, fallbackUrlsFrom, values, valuesFrom }: BackendSettings,
  { type, endpoints, services }: Addresses & { readonly type: BackendType },
): readonly Destination[] {
  const destination = (url: URL, takesIdToken: boolean, from: BackendSettings['urlFrom'] | undefined): Destination => {
    const isUnbound = from === 'file' && !isLoopback(url.hostname) && type.isPublic?.(url) !== true;
    return { url, takesIdToken, isUnbound };
  };
  const isForUrl =
    services.every(({ takesIdToken }) => takesIdToken !== true) || type.urlTakesIdToken?.(values) === true;
  return [
    ...endpoints.map((url, index) => destination(url, isForUrl, index === 0 ? urlFrom : fallbackUrlsFrom)),
    ...services.map(({ url, setting, alsoFrom, takesIdToken }) => {
      const said = [setting, alsoFrom].flatMap((key) => (key === undefined ? [] : (valuesFrom[key] ?? [])));
      return destination(url, takesIdToken === true, said.find((one) => one === 'file') ?? said[0] ?? 'default');
    }),
  ];
}
