import { PassThrough } from 'node:stream';
import type { Runtime } from '../../src/lib/runtime.ts';
import { Sensitive } from '../../src/lib/sensitive.ts';
import { type MaskOrder, registerMasks } from '../../src/output/mask.ts';
import { platformOf } from '../../src/sources/platforms.ts';
import { CI_FIXTURES } from './ci-jobs.ts';
import type { MaskReader } from './ci-maskers.ts';
import { invocationIn } from './sink-invocation.ts';

/** Variables of a job. */
export type Env = Runtime['env'];

/** What is to be hidden in a job with this environment, under the names S0, S1 and so on. */
export function orderOf(env: Env, values: readonly (string | Buffer)[], more: Partial<MaskOrder> = {}): MaskOrder {
  const secrets = values.map((value, index) => ({ name: `S${index}`, value: new Sensitive(value) }));
  return { ci: platformOf(env)?.key, secrets, tokens: [], written: () => [], ...more };
}

/** What a registration said. */
export interface Masked {
  readonly written: string;
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
  readonly can: boolean;
}

/** What goes to stderr for these values, and what is warned of. */
export async function masks(env: Env, ...values: (string | Buffer)[]): Promise<Masked> {
  return masksOf(orderOf(env, values), { env });
}

/** The same for any order. */
export async function masksOf(order: MaskOrder, more: Partial<Runtime>): Promise<Masked> {
  const stderr = new PassThrough({ highWaterMark: 1 << 24 });
  const invocation = invocationIn('/', { ...more, stderr });
  const can = await registerMasks(order, invocation);
  const written = String((stderr.read() as Buffer | null) ?? '');
  // The end of a line that somebody else began.
  const commands = written.replace(/^\n/, '');
  return { written, lines: commands.split('\n').slice(0, -1), warnings: invocation.warnings, can };
}

/** The environment of a job of the CI that a reader is of. */
export function environmentOf({ fixture }: Pick<MaskReader, 'fixture'>): Env {
  return CI_FIXTURES.find(({ name }) => name === fixture)?.env ?? {};
}
