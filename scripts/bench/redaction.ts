import { Sensitive } from '../../src/lib/sensitive.ts';
import { createStreamRedactor } from '../../src/output/redactor.ts';
import type { StreamRedactor } from '../../src/output/types.ts';
import { benchValues, logText, nearMisses } from './redaction-text.ts';

/** What hiding so many values costs. */
export interface RedactionCost {
  readonly values: number;
  /** Milliseconds until the first byte could be searched. */
  readonly compileMs: number;
  /** Millions of bytes in a second of this process's time. */
  readonly logs: number;
  readonly nearMisses: number;
}

const CHUNK = 1 << 16;

/** A redactor that hides these values. */
export function redactorOf(values: readonly string[]): StreamRedactor {
  const redactor = createStreamRedactor({ showNames: false, splitPairs: false });
  redactor.add(values.map((value, index) => ({ name: `VALUE_${index}`, value: new Sensitive(value) })));
  redactor.prepare();
  return redactor;
}

/** Measures the redactor by itself, without pipes, on so many bytes of each text, in chunks as pipes bring them. */
export function benchRedaction(count: number, bytes: number): RedactionCost {
  const values = benchValues(count);
  const startedAt = performance.now();
  const redactor = redactorOf(values);
  redactor.stream().write(Buffer.from('first line\n'));
  const compileMs = performance.now() - startedAt;
  const [logs, near] = [logText(bytes, values), nearMisses(bytes, values)];
  return { values: count, compileMs, logs: speed(redactor, logs), nearMisses: speed(redactor, near) };
}

/** The best of five turns; the first ones compile. */
function speed(redactor: StreamRedactor, text: Buffer): number {
  let best = 0;
  for (let turn = 0; turn < 5; turn++) {
    const stream = redactor.stream();
    const { user, system } = process.cpuUsage();
    for (let at = 0; at < text.length; at += CHUNK) stream.write(text.subarray(at, at + CHUNK));
    stream.end();
    const used = process.cpuUsage();
    best = Math.max(best, text.length / (used.user - user + used.system - system));
  }
  return best;
}
