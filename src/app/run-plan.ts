import type { Settings } from '../config/types.ts';
import type { Invocation } from '../lib/invocation.ts';
import { quotedWord } from '../lib/secret-shapes.ts';
import { visible } from '../lib/text.ts';
import type { Hide } from './hide.ts';
import { backendPlans, type Row, secretRow, table } from './plan.ts';
import { prepareRun } from './run.ts';

/**
 * What `run` would do, as text for a person: the requests as for `fetch`, then the command and what it would get. Throws
 * what `run` would throw before its first request; starts nothing and sends nothing.
 */
export async function planRun(
  settings: Settings,
  argv: readonly string[],
  invocation: Invocation,
  hide: Hide,
): Promise<string> {
  const { command, arrangement } = prepareRun(settings, argv, invocation);
  const lines = await backendPlans(settings, invocation, hide);
  const redacted = (['stdout', 'stderr'] as const).filter((name) => arrangement[name]);
  const rows: Row[] = settings.secrets.map((request) => {
    const [name, fact] = secretRow(request);
    return [name, request.file ? `${fact} (a file; the variable has its path)` : fact];
  });
  return `${[
    ...lines,
    `command ${command.argv.map(quotedWord).join(' ')}`,
    ...table([
      ['program', visible(command.file)],
      ['redacted', redacted.length === 0 ? 'nothing' : redacted.join(' and ')],
    ]),
    'variables',
    ...table(rows),
  ].join('\n')}\n`;
}
