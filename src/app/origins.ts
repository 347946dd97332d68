import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import { quoted, visible } from '../lib/text.ts';

/**
 * The origins that tokens may go to, separated by commas or spaces. Only a variable says this, never a flag or a file:
 * whoever owns the runner or the group sets it, and a merge request cannot change it (security.md 6.3).
 */
const VARIABLE = 'SECRETCTL_ALLOWED_ORIGINS';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns when every endpoint is on the list, or when there is no list. An empty list allows nothing. Throws
 * ENDPOINT_NOT_ALLOWED, or CONFIG_INVALID for a list that cannot be read (78).
 */
export function checkOrigins(endpoints: readonly URL[], env: Environment): void {
  const list = env[VARIABLE];
  if (list === undefined) return;
  const allowed = list
    .split(/[\s,]+/)
    .filter((item) => item !== '')
    .map(readOrigin);
  const refused = endpoints.find((endpoint) => !allowed.includes(endpoint.origin));
  if (refused === undefined) return;
  throw new SecretctlError(
    'ENDPOINT_NOT_ALLOWED',
    `no token is sent to ${visible(refused.origin)}: it is not in ${VARIABLE}`,
    {
      hint: `allowed: ${allowed.length === 0 ? 'nothing' : allowed.map(visible).join(', ')}`,
    },
  );
}

function readOrigin(item: string): string {
  const url = URL.canParse(item) ? new URL(item) : undefined;
  if (url !== undefined && url.origin !== 'null' && (url.href === url.origin || url.href === `${url.origin}/`))
    return url.origin;
  // What stands before an "@" may be a password.
  const shown = item.includes('@') ? 'something with an "@"' : quoted(item);
  throw new SecretctlError(
    'CONFIG_INVALID',
    `${VARIABLE} holds ${shown}, which is no origin such as https://host.example`,
  );
}

/**
 * Warns before anything secret leaves for an endpoint that only a file in the repository names. An audience of the ID
 * token that names it as well is as good as a list: a merge request does not change that one.
 */
export function warnOfUnboundEndpoint(
  endpoint: URL,
  audiences: readonly string[],
  { runtime, journal }: Invocation,
): void {
  if (runtime.env[VARIABLE] !== undefined) return;
  if (audiences.some((audience) => namesHost(audience, endpoint))) return;
  journal.warn(
    `the endpoint ${visible(endpoint.origin)} comes from a file that a merge request can change, and no audience of an ID token names it; have ${VARIABLE} set outside the repository`,
  );
}

function namesHost(audience: string, endpoint: URL): boolean {
  if (audience === endpoint.host) return true;
  return URL.canParse(audience) && new URL(audience).origin === endpoint.origin;
}
