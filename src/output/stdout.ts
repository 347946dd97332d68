import path from 'node:path';
import { isCi } from '../lib/ci.ts';
import { SecretctlError, systemCode, unlessSystem } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Runtime } from '../lib/runtime.ts';
import { descriptorOf, leadsNowhere, openOn } from './descriptors.ts';
import { gitState } from './git-state.ts';
import { isJobLog } from './log-detection.ts';
import { tracedBy } from './shell-trace.ts';
import { putWhole } from './stream.ts';
import { writeFailure } from './target-checks.ts';
import type { SinkSettings, Staged, Staging } from './types.ts';

/** The sink for stdout, checked as security.md 4.2 has it. */
export async function openStdoutSink(settings: SinkSettings, invocation: Invocation): Promise<Staging> {
  const { runtime } = invocation;
  const fd = descriptorOf(runtime.stdout);
  if (fd === undefined) return { destination: 'stream', stage: (bytes) => staged(bytes, invocation) };
  const isNowhere = leadsNowhere(fd, runtime);
  if (isNowhere && !settings.discard) throw closed('stdout is closed or /dev/null');
  const isFile = openOn(fd, runtime)?.isFile() === true;
  if (!isNowhere && settings.isForLog !== true) await refuseReaders(fd, settings, invocation);
  return { destination: isFile ? 'file' : 'stream', stage: (bytes) => staged(bytes, invocation) };
}

async function refuseReaders(fd: number, settings: SinkSettings, invocation: Invocation): Promise<void> {
  const { runtime } = invocation;
  if (!settings.printPlaintextToLog && isJobLog(fd, invocation)) throw isTheLog();
  if (openOn(fd, runtime)?.isFile() === true) await warnAboutFile(fd, invocation);
  else if (!settings.printPlaintextToLog && !settings.shellTraceIsOff) refuseTrace(runtime);
}

function isTheLog(): SecretctlError {
  return new SecretctlError(
    'STDOUT_IS_LOG',
    'stdout is the log of this job, where the values would stand in plain text',
    {
      hint: [
        'hand them to the command that needs them: secretctl run … -- COMMAND',
        'or write them to a file: -o FILE',
        'or capture them: X=$(secretctl fetch --format raw NAME)',
        'or, if they may be read by whoever reads the log: --print-plaintext-to-log',
      ],
    },
  );
}

/** A value that a tracing shell captures is printed by its next trace line. */
function refuseTrace(runtime: Runtime): void {
  if (runtime.stdout.isTTY === true && !isCi(runtime.env)) return;
  const tracer = tracedBy(runtime);
  if (tracer === undefined) return;
  throw new SecretctlError(
    'SHELL_TRACE',
    `${tracer}, so the values would be printed to the log as soon as they are used`,
    {
      hint: [
        'hand them to the command that needs them: secretctl run … -- COMMAND',
        'or write a file and source it: secretctl fetch --format sh -o FILE && . ./FILE',
        'or, after `set +x` in this script: --shell-trace-is-off',
        'or, if they may be read by whoever reads the log: --print-plaintext-to-log',
      ],
    },
  );
}

/** A shell's `> FILE` gives the file its own mode, and nobody asked git. */
async function warnAboutFile(fd: number, invocation: Invocation): Promise<void> {
  const { runtime, journal } = invocation;
  const stats = openOn(fd, runtime);
  if (stats !== undefined && runtime.host.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
    const mode = (stats.mode & 0o7777).toString(8);
    journal.warn(`stdout goes to a file that other users may read (mode ${mode}); -o FILE makes it yours alone`);
  }
  const file = unlessSystem(() => runtime.fs.readlinkSync(`/proc/self/fd/${fd}`));
  if (file === undefined || !path.isAbsolute(file)) return;
  const { kind } = await gitState(path.dirname(file), path.basename(file), invocation);
  if (kind === 'tracked')
    journal.warn('stdout goes to a file that git tracks: the next commit would publish the values');
  if (kind === 'unignored') journal.warn('stdout goes to a file that git does not ignore: add it to .gitignore');
}

function staged(bytes: Buffer, invocation: Invocation): Staged {
  return { commit: () => put(bytes, invocation), discard: () => undefined };
}

async function put(bytes: Buffer, { runtime, deadline }: Invocation): Promise<void> {
  try {
    await putWhole(runtime.stdout, bytes, runtime, deadline.signal);
  } catch (error) {
    throw stdoutFailure(error);
  }
}

const GONE = new Set(['EPIPE', 'ECONNRESET', 'EBADF', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

function stdoutFailure(error: unknown): unknown {
  const code = systemCode(error);
  return code !== undefined && GONE.has(code) ? closed('whoever read stdout went away') : writeFailure('stdout', error);
}

function closed(what: string): SecretctlError {
  return new SecretctlError('STDOUT_CLOSED', `${what}, so the values have nowhere to go`, {
    hint: ['write to a file with -o FILE', 'or say --discard if only the fetching matters'],
  });
}
