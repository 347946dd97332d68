import type { HttpClient } from '../../lib/http.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type {
  Backend,
  BackendContext,
  Composing,
  Exchanging,
  PlannedRequest,
  PolicyWriting,
  Reading,
} from '../types.ts';
import { openKey } from './access-key.ts';
import { openApi } from './api.ts';
import { assumeRole } from './exchange.ts';
import { aboutRead, readAll, readsFor } from './reads.ts';
import { wantedFrom } from './references.ts';
import type { AwsValues } from './settings.ts';

/** One role in one region: ID token -> temporary credentials -> secrets and parameters. Nothing can be revoked. */
export function openAws(
  context: BackendContext<AwsValues>,
): Backend & Reading & Exchanging & Composing & PolicyWriting {
  const { name, values, invocation } = context;
  return {
    name,
    cacheContext: [
      values['role-arn'] ?? '',
      values['session-name'] ?? '',
      `${values['session-lifetime']}`,
      values.region ?? '',
    ],
    exchange: (subjectToken) =>
      assumeRole({ sts: context.service('sts'), values, invocation, singleUse: context.singleUse }, subjectToken),
    async fetchSecrets(accessToken, refs) {
      const reads = readsFor(wantedFrom(refs, values), values.batch === 'auto');
      const outcomes = await readAll(openApi(context, accessToken), reads);
      const byRef = new Map(outcomes.map((one) => [one.ref, one]));
      return refs.flatMap((ref) => byRef.get(ref) ?? []);
    },
    partsOf(accessToken) {
      const key = openKey(accessToken.value);
      return key === undefined ? [] : [new Sensitive(key.secret), new Sensitive(key.sessionToken)];
    },
    plan: (refs) => planAll(context, refs),
    async writePolicy(request) {
      const { awsPolicy } = await import('./policy.ts');
      return awsPolicy(values, request);
    },
  };
}

/** The requests when nothing is refused and no answer has pages. All are POSTs to one path, told apart by a header. */
function planAll(context: BackendContext<AwsValues>, refs: readonly SecretRef[]): PlannedRequest[] {
  const { values, http } = context;
  const planned = (
    purpose: PlannedRequest['purpose'],
    { endpoint }: HttpClient,
    brings: readonly string[] = [],
  ): PlannedRequest => ({
    purpose,
    method: 'POST',
    ...(endpoint.origin !== http.endpoint.origin && { origin: endpoint.origin }),
    path: `${endpoint.pathname.replace(/\/+$/, '')}/`,
    brings,
  });
  const reads = readsFor(wantedFrom(refs, values), values.batch === 'auto').map((read) => {
    const { service, names } = aboutRead(read);
    return planned('read', service === 'ssm' ? context.service('ssm') : http, names);
  });
  return [planned('exchange', context.service('sts')), ...reads];
}
