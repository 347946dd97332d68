import { invoke } from '../app/invoke.ts';
import { loadSettings } from '../config/load.ts';
import { checkRuntime } from '../config/runtime-safety.ts';
import type { RawOptions, Settings } from '../config/types.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Cli } from './command.ts';

/**
 * Loads the settings, sees that Node itself gives nothing away, and runs one use case with them inside the command's
 * time budget.
 */
export async function withSettings<Result>(
  raw: RawOptions,
  { runtime, show, openRedact }: Cli,
  work: (settings: Settings, invocation: Invocation) => Promise<Result>,
): Promise<Result> {
  const settings = await loadSettings(raw, runtime);
  for (const text of writtenIn(settings)) show(text);
  const warnings = [...checkRuntime(runtime, settings.general), ...settings.warnings];
  return invoke(settings.general, runtime, openRedact, async (invocation) => {
    for (const warning of warnings) invocation.journal.warn(warning);
    return work(settings, invocation);
  });
}

/** What messages are about: names, references and servers. */
function writtenIn({ secrets, backends }: Settings): readonly string[] {
  const refs = [...secrets.map(({ ref }) => ref), ...backends.flatMap(({ chained }) => chained.map(({ ref }) => ref))];
  return [
    ...refs.flatMap((ref) => [ref.name, ref.text, ref.path]),
    ...backends
      .flatMap(({ url, fallbackUrls }) => [url, ...fallbackUrls])
      .flatMap(({ origin, host }) => [origin, host]),
  ];
}
