import type { Settings } from '../config/types.ts';
import { encodeSecrets, formatFor } from '../formats/index.ts';
import type { Invocation } from '../lib/invocation.ts';
import { checkForeignNames, checkNames, openSink, registerMasks } from '../output/index.ts';
import type { Hide } from './hide.ts';
import { collectSecrets } from './collect.ts';
import { targetOf } from './target.ts';

/**
 * The straight line of `secretctl fetch`: every secret that was asked for, in one format, to one place, whole or
 * not at all. What can be refused is refused before the first request; masks are registered before the first byte
 * of a value is written.
 */
export async function fetchSecrets(settings: Settings, invocation: Invocation, hide: Hide): Promise<void> {
  const { runtime } = invocation;
  const format = formatFor(settings.output.format, settings.secrets.length);
  const { render } = await format.load();
  const rules = { ...settings.output, ...format };
  checkNames(settings.secrets, rules, invocation);
  const sink = await openSink({ ...settings.output, ...targetOf(format, settings.output, runtime.env) }, invocation);
  const secrets = await collectSecrets(settings, invocation, hide);
  checkForeignNames(secrets, rules, invocation);
  await registerMasks(secrets, invocation);
  const bytes = render(encodeSecrets(secrets, settings.output.encode), {
    destination: sink.destination,
    env: runtime.env,
    random: (count) => runtime.random(count),
    reportLimits: settings.output.reportLimits,
  });
  await sink.write(bytes);
}
