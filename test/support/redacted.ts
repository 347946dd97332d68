import { Sensitive } from '../../src/lib/sensitive.ts';
import { createStreamRedactor } from '../../src/output/redactor.ts';
import type { RedactedStream, StreamRedactor, StreamRedactorOptions } from '../../src/output/types.ts';

/** A redactor of streams that hides these values, called VALUE_0, VALUE_1, … */
export function streamRedactor(
  values: readonly (Buffer | string)[],
  options: Partial<StreamRedactorOptions> = {},
): StreamRedactor {
  const redactor = createStreamRedactor({ showNames: false, splitPairs: false, ...options });
  redactor.add(values.map((value, index) => ({ name: `VALUE_${index}`, value: new Sensitive(value) })));
  return redactor;
}

/** What comes out of a stream for these chunks and its end. Each chunk is wiped once it was taken, as its owner may do. */
export function passed(stream: RedactedStream, chunks: readonly Buffer[]): Buffer {
  const out: Buffer[] = [];
  for (const chunk of chunks) {
    out.push(...stream.write(chunk).map((part) => Buffer.from(part)));
    chunk.fill('#');
  }
  return Buffer.concat([...out, ...stream.end()]);
}

/** The input as one chunk, byte by byte, and at cuts that the function draws. */
export function cuts(input: Buffer, drawLength: () => number): Buffer[][] {
  const random: Buffer[] = [];
  for (let at = 0; at < input.length;) {
    const length = Math.max(1, drawLength());
    random.push(Buffer.from(input.subarray(at, at + length)));
    at += length;
  }
  const bytes = Array.from(input, (byte) => Buffer.of(byte));
  return [[Buffer.from(input)], bytes, random];
}

/** Numbers from 0 up to before `below`, the same row for the same seed. */
export function dice(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0;
    return ((mixed ^ (mixed >>> 12)) >>> 0) % below;
  };
}
