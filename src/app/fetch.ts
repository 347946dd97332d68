import type { Settings } from '../config/types.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { HiddenValue } from '../output/types.ts';
import { hearing, type Hide } from './hide.ts';
import { collectSecrets } from './collect.ts';
import { maskInCi } from './masks.ts';
import { withoutDefaults } from './redaction.ts';
import { planOutputs } from './output-plan.ts';
import { openOutputs } from './write-outputs.ts';

/**
 * The straight line of `secretctl fetch`: every secret that was asked for, as files, in one format or in a template,
 * whole or not at all. What can be refused is refused before the first request; masks are registered before the first
 * byte of a value is written.
 */
export async function fetchSecrets(settings: Settings, invocation: Invocation, hide: Hide): Promise<void> {
  const plan = await planOutputs(settings, invocation);
  const outputs = await openOutputs(plan, settings.output, invocation);
  const tokens: HiddenValue[] = [];
  const asked = { ...settings, secrets: plan.requests };
  const secrets = await collectSecrets(asked, invocation, hearing(hide, tokens));
  plan.checkForeign(secrets);
  const otherwise = (): string | undefined => (outputs.setsVariables() ? PRINTED : undefined);
  const hidden = withoutDefaults(secrets, settings);
  await maskInCi({ secrets: hidden, tokens, written: () => outputs.written(secrets), otherwise }, invocation);
  await outputs.write(secrets);
}

/** Said of values that stand in variables, where any command prints them by accident; files and pipes are private. */
const PRINTED = 'what prints one of these values shows it; `secretctl run` redacts what a command prints';
