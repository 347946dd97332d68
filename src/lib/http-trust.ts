import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

import { SecretctlError } from './errors.ts';
import type { HttpSettings } from './http-types.ts';

/** Whom a connection trusts, and what it shows of itself. */
export interface Trust {
  context(): SecureContext;
  /** Adds the system's roots; false when they are there already or a CA was given that replaces all roots. */
  addSystemRoots(): boolean;
}

/**
 * The CA of the settings alone; without one Node's roots and `NODE_EXTRA_CA_CERTS`, and the system's roots once they
 * are asked for: reading them costs more than all the rest. TLS 1.2 is the floor even where Node was told otherwise.
 */
export function openTrust(settings: Pick<HttpSettings, 'ca' | 'client'>): Trust {
  let roots: string[] | undefined;
  let context: SecureContext | undefined;
  return {
    context: () => (context ??= createContext(settings, roots)),
    addSystemRoots() {
      if (settings.ca !== undefined || roots !== undefined) return false;
      roots = [...getCACertificates('default'), ...getCACertificates('system')];
      context = undefined;
      return true;
    },
  };
}

function createContext(
  { ca, client }: Pick<HttpSettings, 'ca' | 'client'>,
  roots: string[] | undefined,
): SecureContext {
  const trusted = ca?.pem ?? roots;
  try {
    return createSecureContext({
      minVersion: 'TLSv1.2',
      ...(trusted !== undefined && { ca: trusted }),
      ...(client !== undefined && { cert: client.certificate, key: client.key.reveal() }),
    });
  } catch {
    const origin = client === undefined ? (ca?.origin ?? 'the default roots') : 'the client certificate and its key';
    throw new SecretctlError(client === undefined ? 'CA_FILE' : 'CLIENT_KEY', `TLS cannot be set up with ${origin}`);
  }
}
