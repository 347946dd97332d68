import { isLoopback, METADATA_HOST } from '../lib/endpoint.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { HttpAnswer } from '../lib/http.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { requestToAsk, type TokenRequest, withAudience } from './request.ts';
import type { Environment, TokenSource } from './types.ts';

/**
 * Google's metadata server: Compute Engine, GKE, Cloud Build, Cloud Run. It is asked only where variables say that it is
 * there, or it is named: looking for it elsewhere would send packets to nobody. It signs for any audience.
 */
export const google: TokenSource = {
  name: 'Google Cloud',
  key: 'google',
  async find(token, seeking) {
    const { env } = seeking.runtime;
    if (token.source !== 'google' && !SIGNS.some((name) => (env[name] ?? '') !== '')) {
      return { here: false, reason: `none of ${SIGNS.join(', ')} is set (on a machine there: --token-source google)` };
    }
    const { audience } = token;
    if (audience === undefined) {
      throw new SecretctlError('CONFIG_MISSING', "Google's metadata server signs no ID token without an audience", {
        hint: "say which one the backend expects: --audience, or audience: in the backend's token: block",
      });
    }
    const base = new URL(`http://${hostIn(env)}${PATH}`);
    const request: TokenRequest = {
      from: "Google's metadata server",
      method: 'GET',
      url: new URL(`${withAudience(base, audience).href}&format=full`),
      headers: { 'metadata-flavor': 'Google' },
      audience,
      isMetadataServer: true,
      refused: 'the machine or build needs a service account; Cloud Build signs only for one that the build names',
      read: tokenOf,
    };
    return requestToAsk(request, seeking);
  },
};

/** Cloud Build, Cloud Run jobs, and what Google's own clients are told by. */
const SIGNS = ['BUILDER_OUTPUT', 'CLOUD_RUN_JOB', 'GCE_METADATA_HOST'] as const;

const PATH = '/computeMetadata/v1/instance/service-accounts/default/identity';

/** Google's clients let a variable name another server; here only an emulator on this machine may be one. */
function hostIn(env: Environment): string {
  const named = env['GCE_METADATA_HOST'] ?? '';
  if (named === '' || named === METADATA_HOST) return METADATA_HOST;
  const url = URL.canParse(`http://${named}`) ? new URL(`http://${named}`) : undefined;
  if (url !== undefined && url.host === named && isLoopback(url.hostname)) return named;
  throw new SecretctlError('PLAIN_HTTP', `GCE_METADATA_HOST must be ${METADATA_HOST} or this machine`, {
    hint: 'the metadata server is asked without TLS, which no other host is',
  });
}

function tokenOf(answer: HttpAnswer): Sensitive {
  if (answer.headers['metadata-flavor'] === 'Google') return new Sensitive(answer.body);
  throw new SecretctlError('NOT_THE_API', `${answer.request} was not answered by Google's metadata server`, {
    hint: 'something else answers to its name here: this is no machine of Google, or its traffic is intercepted',
  });
}
