import { SecretctlError } from '../../lib/errors.ts';
import type { BackendContext } from '../types.ts';
import { accountOf, conjurBaseUrl, editionOf } from './edition.ts';
import type { BatchMode, ConjurValues } from './settings.ts';

/** One configured Conjur, with everything decided that the configuration decides. */
export interface Site extends Pick<
  BackendContext<ConjurValues>,
  'http' | 'invocation' | 'maxAnswerBytes' | 'singleUse'
> {
  /** Path of the base URL without a final slash: what stands before every path on the wire. */
  readonly basePath: string;
  readonly account: string;
  readonly serviceId: string;
  readonly hostId: string | undefined;
  readonly batch: Exclude<BatchMode, 'auto'>;
  /** What the server turned out not to do; it stays so for the rest of the run. */
  readonly learned: { noV2: boolean; noV1: boolean };
}

/** Decides it. Throws INTERNAL when the configuration was not checked before. */
export function openSite(context: BackendContext<ConjurValues>): Site {
  const { url, values, http, invocation, maxAnswerBytes, singleUse } = context;
  const account = accountOf(url, values);
  const serviceId = values['service-id'];
  if (account === undefined || serviceId === undefined) {
    throw new SecretctlError('INTERNAL', 'a Conjur was opened without account or service id');
  }
  const { batch } = values;
  return {
    http,
    invocation,
    maxAnswerBytes,
    singleUse,
    basePath: conjurBaseUrl(url).pathname.replace(/\/$/, ''),
    account,
    serviceId,
    hostId: values['host-id'],
    batch: batch !== 'auto' ? batch : editionOf(url, values) === 'saas' ? 'v2' : 'v1',
    learned: { noV2: false, noV1: false },
  };
}
