import { SecretctlError } from '../lib/errors.ts';
import { visible } from '../lib/text.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import { azurePipelines } from './azure-pipelines.ts';
import type { ToAsk, TokenSource } from './types.ts';

/**
 * The same answer, where Azure Pipelines is asked for it and so was told the service connection. Throws USAGE for any
 * other: a wish that nobody hears.
 */
export function ofConnection({ key, name }: TokenSource, answer: SubjectToken | ToAsk): ToAsk {
  if ('ask' in answer && key === azurePipelines.key) return answer;
  const origin = 'ask' in answer ? name : answer.origin;
  throw new SecretctlError('USAGE', `the ID token comes from ${visible(origin)}, which knows no service connection`, {
    hint: 'leave --service-connection (token.service-connection) out: it is for what Azure Pipelines is asked for',
  });
}
