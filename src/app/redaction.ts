import type { ChildSettings, Settings } from '../config/types.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Secret } from '../lib/secrets.ts';
import { visible } from '../lib/text.ts';
import { streams } from '../output/index.ts';
import type { HiddenValue, StreamRedactor } from '../output/types.ts';
import { TOKEN_VARIABLES } from '../sources/index.ts';

/** Without the defaults of optional secrets: those stand in the configuration for everybody to read. */
export function withoutDefaults(secrets: readonly Secret[], settings: Settings): readonly Secret[] {
  const defaults = new Map(settings.secrets.map((request) => [request.ref.name, request.default]));
  return secrets.filter(({ name, value }) => {
    const standIn = defaults.get(name);
    return standIn === undefined || !value.reveal().equals(Buffer.from(standIn));
  });
}

/** Names of the variables of the CI that hold a token, and not the address where one is had. */
export function tokensAround({ runtime: { env } }: Pick<Invocation, 'runtime'>): readonly string[] {
  return TOKEN_VARIABLES.filter((name) => !/UR[LI]$/.test(name) && (env[name] ?? '') !== '');
}

const REASONS = { short: 'it is too short', common: 'it is too common', blank: 'it is blank' } as const;

/** A redactor of streams for these values; of those that it does not hide each is named once, in a warning. */
export async function redactorFor(
  hidden: readonly HiddenValue[],
  { maskNames, maskPairs }: Pick<ChildSettings, 'maskNames' | 'maskPairs'>,
  { journal }: Invocation,
): Promise<StreamRedactor> {
  const { createStreamRedactor } = await streams();
  const redactor = createStreamRedactor({ showNames: maskNames, splitPairs: maskPairs });
  const why = new Map(redactor.add(hidden).map((shown) => [shown.name, REASONS[shown.why]]));
  for (const [name, reason] of why) journal.warn(`the value of ${visible(name)} is not redacted: ${reason}`);
  await journal.settled();
  return redactor;
}
