/**
 * A tiny program around the output: `node sink-program.ts OPTIONS` (JSON) registers masks for a value and writes it.
 * stderr gets warnings and, on failure, the reason; the exit code is the failure's.
 */
import { startDeadline } from '../../src/lib/deadline.ts';
import { SecretctlError } from '../../src/lib/errors.ts';
import { openJournal } from '../../src/lib/journal.ts';
import { systemRuntime } from '../../src/lib/runtime.ts';
import { Sensitive } from '../../src/lib/sensitive.ts';
import { registerMasks } from '../../src/output/mask.ts';
import { openSink } from '../../src/output/sink.ts';
import { platformOf } from '../../src/sources/platforms.ts';
import type { SinkSettings } from '../../src/output/types.ts';

/** What the program is told. */
export interface SinkProgramOptions extends Partial<SinkSettings> {
  /** The bytes: this text, repeated. */
  readonly text: string;
  readonly times?: number;
  /** Register it as a mask first. */
  readonly mask?: boolean;
  /** Write again and again, until killed. */
  readonly forever?: boolean;
}

const options = JSON.parse(process.argv[2] ?? '{}') as SinkProgramOptions;
const runtime = systemRuntime();
const deadline = startDeadline(runtime, 30_000);
const write = (line: string): void => void runtime.stderr.write(`${line}\n`);
const journal = openJournal({ quiet: false, debug: false, write });
const invocation = { runtime, deadline, journal };
const settings: SinkSettings = {
  file: undefined,
  strict: false,
  printPlaintextToLog: false,
  shellTraceIsOff: false,
  discard: false,
  ...options,
};

try {
  const bytes = Buffer.from(options.text.repeat(options.times ?? 1));
  do {
    const sink = await openSink(settings, invocation);
    if (options.mask === true) {
      const secrets = [{ name: 'A', value: new Sensitive(bytes) }];
      await registerMasks({ ci: platformOf(runtime.env)?.key, secrets, tokens: [], written: () => [] }, invocation);
    }
    await sink.write(bytes);
  } while (options.forever === true);
} catch (error) {
  if (!(error instanceof SecretctlError)) throw error;
  write(`${error.reason}: ${error.message}`);
  for (const hint of error.hints) write(`hint: ${hint}`);
  process.exitCode = error.exit;
} finally {
  deadline.settle();
}
