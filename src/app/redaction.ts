import type { ChildSettings, Settings } from '../config/types.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Secret } from '../lib/secrets.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { visible } from '../lib/text.ts';
import { createStreamRedactor } from '../output/index.ts';
import type { HiddenValue, StreamRedactor } from '../output/types.ts';
import type { Hide } from './hide.ts';

/** Hides as before, and remembers the tokens: what is called by words, `ID token`, and not by the name of a secret. */
export function hearing(hide: Hide, tokens: HiddenValue[]): Hide {
  return (name, value) => {
    hide(name, value);
    if (!name.includes(' ')) return;
    tokens.push({ name, value });
    // The last part of a JWT opens nothing by itself, but it is the part that nobody could guess.
    const signature = value.reveal().toString('latin1').split('.')[2];
    if (signature !== undefined) tokens.push({ name, value: new Sensitive(signature) });
  };
}

/** Without the defaults of optional secrets: those stand in the configuration for everybody to read. */
export function fetched(secrets: readonly Secret[], settings: Settings): readonly Secret[] {
  const defaults = new Map(settings.secrets.map((request) => [request.ref.name, request.default]));
  return secrets.filter(({ name, value }) => {
    const standIn = defaults.get(name);
    return standIn === undefined || !value.reveal().equals(Buffer.from(standIn));
  });
}

const REASONS = { short: 'it is too short', common: 'it is too common', blank: 'it is blank' } as const;

/** A redactor of streams for these values; of those that it does not hide each is named once, in a warning. */
export function redactorFor(
  hidden: readonly HiddenValue[],
  { maskNames, maskPairs }: Pick<ChildSettings, 'maskNames' | 'maskPairs'>,
  { journal }: Invocation,
): StreamRedactor {
  const redactor = createStreamRedactor({ showNames: maskNames, splitPairs: maskPairs });
  const why = new Map(redactor.add(hidden).map((shown) => [shown.name, REASONS[shown.why]]));
  for (const [name, reason] of why) journal.warn(`the value of ${visible(name)} is not redacted: ${reason}`);
  return redactor;
}
