import { onTestFinished } from 'vitest';
import { startDeadline } from '../../src/lib/deadline.ts';
import type { Invocation } from '../../src/lib/invocation.ts';
import { openJournal } from '../../src/lib/journal.ts';
import { type Host, type Runtime, systemRuntime } from '../../src/lib/runtime.ts';

/** What a test changes about the real world. */
export interface World extends Partial<Omit<Runtime, 'host' | 'env'>> {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly host?: Partial<Host>;
  readonly budgetMs?: number;
}

/** The real world with an empty environment and with these members replaced. */
export function worldWith({ env = {}, host = {}, ...changes }: Omit<World, 'budgetMs'> = {}): Runtime {
  const system = systemRuntime();
  return { ...system, ...changes, env, host: { ...system.host, ...host } };
}

/** One run in such a world, until the test ends; what it says on stderr is gathered in `lines`. */
export function invocationIn({ budgetMs = 60_000, ...world }: World = {}): Invocation & {
  readonly lines: readonly string[];
} {
  const runtime = worldWith(world);
  const lines: string[] = [];
  const deadline = startDeadline(systemRuntime(), budgetMs);
  onTestFinished(() => deadline.settle());
  const journal = openJournal({ quiet: false, debug: true, write: (line) => lines.push(line) });
  return { runtime, journal, deadline, lines };
}
