import { SecretctlError } from '../../lib/errors.ts';
import type { HttpRequest } from '../../lib/http.ts';
import type { Site } from './site.ts';
import type { Reading } from './variables.ts';

/** So many refusals and nothing else make it likely that it is the role that is refused, not the variables. */
const SUSPICIOUS = 8;

/** Notices when nothing but refusals come back. */
export interface RoleWatch {
  /** Throws AUTH_REFUSED when the role behind the access token turns out to be gone. Asks the server at most once. */
  note(reading: Reading): Promise<void>;
}

/**
 * A token outlives its role: after the role is deleted every call is answered 403 (conjur-vault.md, 1.2), which must not
 * be reported as so many forbidden secrets, nor cost a request for each.
 */
export function watchRole(site: Site, asked: number, secretHeaders: HttpRequest['secretHeaders']): RoleWatch {
  let forbidden = 0;
  let others = 0;
  return {
    async note(reading) {
      if (!('refusal' in reading) || reading.refusal !== 'forbidden') others++;
      else if (++forbidden === Math.min(SUSPICIOUS, asked) && others === 0) await askWhoIAm(site, secretHeaders);
    },
  };
}

const LARGEST_ANSWER_BYTES = 64 * 1024;

async function askWhoIAm(site: Site, secretHeaders: HttpRequest['secretHeaders']): Promise<void> {
  const { status } = await site.http.send({
    method: 'GET',
    path: '/whoami',
    label: '/whoami',
    ...(secretHeaders && { secretHeaders }),
    maxAnswerBytes: LARGEST_ANSWER_BYTES,
    retry: 'all',
  });
  if (status !== 403) return;
  throw new SecretctlError(
    'AUTH_REFUSED',
    'Conjur answers every call with 403: the host behind the access token is gone',
    {
      hint: "load the policy that defines this job's host again, then start the job again",
    },
  );
}
