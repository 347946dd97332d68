import type { Invocation } from '../lib/invocation.ts';
import { openAppendSink } from './append-file.ts';
import { openFileSink } from './target-file.ts';
import { openStdoutSink } from './stdout.ts';
import type { Sink, SinkSettings, Staging } from './types.ts';

/**
 * The sink for these settings. Everything that can be refused without the values is refused here, before any request:
 * unsafe, tracked or missing targets, a stdout that is closed, the log of the job, or read by a shell that traces
 * (73, 74; security.md, section 4).
 */
export async function openSink(settings: SinkSettings, invocation: Invocation): Promise<Sink> {
  const target = await opened(settings, invocation);
  return { ...target, write: async (bytes) => target.stage(bytes).commit() };
}

function opened(settings: SinkSettings, invocation: Invocation): Promise<Staging> {
  const { file, strict, append } = settings;
  if (file === undefined) return openStdoutSink(settings, invocation);
  return append === true ? openAppendSink(file, strict, invocation) : openFileSink(file, strict, invocation);
}
