import type { Readable } from 'node:stream';
import type { ChildSettings } from '../../config/types.ts';
import { closeQuietly } from '../../lib/close.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { Invocation } from '../../lib/invocation.ts';
import type { PipeSource } from '../../lib/runtime.ts';
import { type Outlet, type Relay, streams } from '../../output/index.ts';
import type { HiddenValue, StreamRedactor } from '../../output/types.ts';
import type { Arrangement } from './arrange.ts';
import type { Variables } from './environment.ts';
import type { Command } from './find-command.ts';
import type { Pipe } from './pipes.ts';
import { redactorFor } from '../redaction.ts';
import { ENDING, forwardSignals } from './signals.ts';
import { type Child, type ChildEnd, type ChildOptions, startChild } from './start.ts';
import { hasTerminal } from './terminal.ts';
import { unnamedSignal } from './unnamed-signal.ts';

/** A command with all that it gets. */
export interface Task {
  readonly command: Command;
  readonly env: Variables;
  readonly arrangement: Arrangement;
  /** Its standard input was read for a token. */
  readonly withoutStdin: boolean;
  /** One for each stream that is redacted, stdout's first; undefined where Node's own have to do. */
  readonly pipes: readonly Pipe[] | undefined;
  /** What its output must not show. */
  readonly hidden: readonly HiddenValue[];
  readonly settings: Pick<ChildSettings, 'maskNames' | 'maskPairs' | 'killAfterMs' | 'lingerMs'>;
}

/**
 * Starts the command and sees it to its end: signals go to it, its output comes through the redactor. Resolves when it has
 * ended and all that it said is out. Throws what starting it throws, and WRITE_FAILED or DISK_FULL (74) when a command
 * that ended well said what could not be written.
 */
export async function superviseChild(task: Task, invocation: Invocation): Promise<ChildEnd> {
  const { runtime } = invocation;
  const { command, env, withoutStdin, settings, pipes = [] } = task;
  const leadsGroup = !hasTerminal(runtime);
  // Before the start: the first turn of the event loop afterwards may already bring the child's end.
  const tools = await streams();
  const child = await startChild({ command, env, withoutStdin, leadsGroup, ...streamsFor(task) }, runtime).finally(
    () => {
      for (const pipe of pipes) closeQuietly(pipe.writeEnd, runtime.fs);
    },
  );
  // From here on the child decides how long this takes, and what signals mean.
  invocation.deadline.settle();
  const forwarding = forwardSignals({ pid: child.pid, leadsGroup, killAfterMs: settings.killAfterMs }, runtime);
  try {
    const redactor = await redactorOf(task, invocation);
    const unnamed: number[] = [];
    const flows = flowsOf(child, task, {
      tools,
      redactor,
      invocation,
      atEnd: () => unnamed.push(...unnamedSignal(child.pid, runtime)),
    });
    const told = await child.ended;
    const end = 'code' in told && told.code === 0 && unnamed[0] !== undefined ? { signal: unnamed[0] } : told;
    forwarding.childEnded();
    await finish(flows, settings.lingerMs, invocation);
    reportLoss(flows, end, invocation);
    return end;
  } finally {
    // Only a bug leaves it running here, and then nobody would see to it.
    forwarding.abandon();
    forwarding.release();
  }
}

function streamsFor({ arrangement, pipes }: Task): Pick<ChildOptions, 'stdout' | 'stderr'> {
  const [first, second = first] = pipes ?? [];
  return {
    stdout: arrangement.stdout ? (first?.writeEnd ?? 'pipe') : 'own',
    stderr: arrangement.stderr ? (second?.writeEnd ?? 'pipe') : 'own',
  };
}

/** Made while the child starts: what it says meanwhile waits in the pipe. */
function redactorOf({ hidden, settings, arrangement }: Task, invocation: Invocation): Promise<StreamRedactor> {
  return redactorFor(arrangement.stdout || arrangement.stderr ? hidden : [], settings, invocation);
}

/** One of the child's streams, or both in one, on its way to ours. */
interface Flow {
  readonly name: 'stdout' | 'stderr' | 'stdout and stderr';
  readonly relay: Relay;
  readonly outlet: Outlet;
}

interface Means {
  readonly tools: Awaited<ReturnType<typeof streams>>;
  readonly redactor: StreamRedactor;
  readonly invocation: Invocation;
  /** Called at once when one of the streams has ended. */
  atEnd(): void;
}

function flowsOf(child: Child, { arrangement, pipes = [] }: Task, means: Means): readonly Flow[] {
  const { runtime } = means.invocation;
  const [first, second = first] = pipes.map(({ readEnd }) => runtime.processes.readPipe(readEnd));
  if (arrangement.isOne && first !== undefined) return open('stdout and stderr', first, means);
  return [
    ...open('stdout', arrangement.stdout ? (first ?? sourceOf(child.stdout, means)) : null, means),
    ...open('stderr', arrangement.stderr ? (second ?? sourceOf(child.stderr, means)) : null, means),
  ];
}

function sourceOf(stream: Readable | null, { tools }: Means): PipeSource | null {
  return stream === null ? null : tools.streamSource(stream);
}

function open(
  name: Flow['name'],
  source: PipeSource | null,
  { tools: { openOutlet, startRelay }, redactor, invocation: { runtime }, atEnd }: Means,
): readonly Flow[] {
  if (source === null) return [];
  const outlet = openOutlet(name === 'stderr' ? runtime.stderr : runtime.stdout, runtime);
  const watched: PipeSource = {
    ...source,
    read: (take, end) =>
      source.read(take, () => {
        atEnd();
        end();
      }),
  };
  return [{ name, outlet, relay: startRelay({ source: watched, through: redactor.stream(), outlet, runtime }) }];
}

async function finish(flows: readonly Flow[], lingerMs: number, { runtime, journal }: Invocation): Promise<void> {
  const givenUp = new Set<Flow>();
  const finishOne = async (flow: Flow, milliseconds: number): Promise<void> => {
    if (await flow.relay.finishWithin(milliseconds)) givenUp.add(flow);
  };
  const cutShort: Promise<void>[] = [];
  // Nothing is left that a signal could be handed to, but whoever sends one does not want to wait for the background.
  const release = runtime.onSignal(ENDING, () => cutShort.push(...flows.map((flow) => finishOne(flow, 0))));
  await Promise.all(flows.map((flow) => finishOne(flow, lingerMs)));
  release();
  await Promise.all(cutShort);
  const held = [...givenUp].map(({ name }) => name);
  if (held.length === 0) return;
  journal.warn(
    `something in the background still has ${held.join(' and ')} of the command open; what it says from now on is lost (--linger waits longer)`,
  );
}

/** Whoever read it went away on purpose; a full disk did not. What the command made of itself stays the answer unless that was well. */
function reportLoss(flows: readonly Flow[], end: ChildEnd, { journal }: Invocation): void {
  for (const { name, outlet } of flows) {
    const code = outlet.failure;
    if (code === undefined || code === 'EPIPE' || code === 'ECONNRESET') continue;
    const what = `not all of its ${name} could be written (${code})`;
    if (!('code' in end) || end.code !== 0) {
      journal.warn(`the command failed, and ${what}`);
      continue;
    }
    const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
    throw new SecretctlError(isFull ? 'DISK_FULL' : 'WRITE_FAILED', `the command ended well, but ${what}`);
  }
}
