import { isCi } from '../lib/ci.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Secret } from '../lib/secrets.ts';
import type { Sensitive } from '../lib/sensitive.ts';
import { registerMasks } from '../output/index.ts';
import type { HiddenValue } from '../output/types.ts';
import { platformOf } from '../sources/index.ts';

/** What the CI is asked to hide. */
export interface Maskable {
  readonly secrets: readonly Secret[];
  /** Of all tokens: what stands in a variable of the job, the CI put there itself. */
  readonly tokens: readonly HiddenValue[];
  /** Asked where the CI can mask: other texts that will be written of the secrets, under their names. */
  written(): readonly HiddenValue[];
  /** Asked where the job's CI cannot mask at run time: what is said after its name; undefined where that need not be said. */
  otherwise(): string | undefined;
}

/**
 * Asks the CI of this job to hide the values and the tokens that it does not know, and returns when it was told; says
 * so where it cannot be asked and that matters. Does nothing where there is no CI. Throws MASK_FAILED (73).
 */
export async function maskInCi(asked: Maskable, invocation: Invocation): Promise<void> {
  const { secrets, tokens, written, otherwise } = asked;
  const { runtime, journal } = invocation;
  const platform = platformOf(runtime.env);
  const unknown = tokens.filter(({ value }) => !isInVariable(value, runtime.env));
  const order = { ci: platform?.key, secrets, tokens: unknown, written };
  const isTold = await registerMasks(order, invocation);
  if (platform === undefined && !isCi(runtime.env)) return;
  journal.debug('masks', { ci: platform?.key, told: isTold });
  const consequence = isTold || secrets.length === 0 ? undefined : otherwise();
  if (consequence === undefined) return;
  journal.warn(`${platform?.name ?? 'this CI'} cannot be told at run time what to mask: ${consequence}`);
}

function isInVariable(value: Sensitive, env: Invocation['runtime']['env']): boolean {
  const text = value.reveal().toString('utf8');
  return Object.values(env).some((one) => one?.includes(text) === true);
}
