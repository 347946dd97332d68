import { SecretctlError } from '../lib/errors.ts';
import { findProgram } from '../lib/find-program.ts';
import type { Invocation } from '../lib/invocation.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { maskFailed } from './mask-failed.ts';

const COMMAND = 'buildkite-agent redactor add';

/** It says a line or two; what says more is something else. */
const MOST_BYTES = 64 * 1024;

/**
 * Tells Buildkite's agent what to redact, by its standard input: arguments could be read by others (P3). Throws
 * MASK_FAILED when there is no agent, and when it does not take them.
 */
export async function tellAgent(texts: readonly string[], invocation: Invocation): Promise<void> {
  const agent = findProgram('buildkite-agent', invocation.runtime);
  if (agent === undefined) throw refused('there is no buildkite-agent on the PATH');
  const { runProgram } = await import('../lib/run-program.ts');
  const stdin = new Sensitive(JSON.stringify(Object.fromEntries(texts.map((text, index) => [`${index}`, text]))));
  const argv = [agent, 'redactor', 'add', '--format', 'json'];
  const { exit } = await runProgram({ argv, stdin, mostBytes: MOST_BYTES }, invocation).catch((error: unknown) => {
    if (!(error instanceof SecretctlError) || error.reason !== 'SPAWN_FAILED') throw error;
    throw refused(error.message);
  });
  if (exit === 0) return;
  throw refused(`"${COMMAND}" ${exit === undefined ? 'was stopped' : `ended with exit code ${exit}`}`);
}

function refused(why: string): SecretctlError {
  return maskFailed(why, [
    `"${COMMAND}" must work in this step; it needs the agent's job API`,
    'in a container the agent needs its program, its BUILDKITE_ variables and its job API socket mounted too',
  ]);
}
