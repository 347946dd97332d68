import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { openOutlet } from '../../../src/output/outlet.ts';
import { createStreamRedactor } from '../../../src/output/redactor.ts';
import { type Relay, startRelay, streamSource } from '../../../src/output/relay.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { worldWith } from '../../support/invocation.ts';

const VALUE = 'correct-horse-battery';

/** A reader that takes what it is given only when it is told to. */
class Reader extends Writable {
  readonly got: Buffer[] = [];
  isSlow = false;
  #pending: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.got.push(chunk);
    if (this.isSlow) this.#pending = done;
    else done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  goOn(): void {
    const done = this.#pending;
    this.#pending = undefined;
    done?.();
  }

  get text(): string {
    return Buffer.concat(this.got).toString();
  }
}

/** A relay whose waits end when the test says so. */
function relayed() {
  const source = new PassThrough();
  const reader = new Reader();
  const waits: { milliseconds: number; end: () => void }[] = [];
  const clock = { now: 0 };
  const runtime = worldWith({
    monotonic: () => clock.now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) reject(new Error('aborted'));
        signal?.addEventListener('abort', () => reject(new Error('aborted')));
        waits.push({ milliseconds, end: resolve });
      }),
  });
  const redactor = createStreamRedactor({ showNames: false, splitPairs: false });
  redactor.add([{ name: 'A', value: new Sensitive(VALUE) }]);
  const relay: Relay = startRelay({
    source: streamSource(source),
    through: redactor.stream(),
    outlet: openOutlet(reader, runtime),
    runtime,
  });
  /** Lets that much time pass for whoever waits now. */
  const pass = async (milliseconds: number): Promise<void> => {
    clock.now += milliseconds;
    for (const wait of waits.splice(0)) wait.end();
    await settled();
  };
  return { source, reader, relay, waits, pass };
}

/** All that can happen without time passing has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('what comes goes out redacted, and the end is the end', async () => {
  const { source, reader, relay } = relayed();
  source.write(`a ${VALUE.slice(0, 9)}`);
  await settled();
  expect(reader.text).toBe('a ');
  source.end(`${VALUE.slice(9)} b`);
  await relay.ended;
  expect(reader.text).toBe('a [REDACTED] b');
});

test('fewer than four bytes of what may become a value go out after 100 ms, and the rest is still redacted', async () => {
  const { source, reader, relay, waits, pass } = relayed();
  source.write('x cor');
  await settled();
  expect(reader.text).toBe('x ');
  expect(waits.map(({ milliseconds }) => milliseconds)).toEqual([100]);
  await pass(100);
  expect(reader.text).toBe('x cor');
  source.end(`${VALUE.slice(3)}!`);
  await relay.ended;
  expect(reader.text).toBe('x cor[REDACTED]!');
});

test('four bytes and more stay, however long', async () => {
  const { source, reader, waits } = relayed();
  source.write('x corr');
  await settled();
  expect(waits).toEqual([]);
  expect(reader.text).toBe('x ');
});

test('the source is not read while the reader takes nothing', async () => {
  const { source, reader, relay } = relayed();
  reader.isSlow = true;
  source.write('one ');
  await settled();
  source.write('two ');
  await settled();
  expect(reader.text).toBe('one ');
  expect(source.isPaused()).toBe(true);
  reader.isSlow = false;
  reader.goOn();
  await settled();
  expect(source.isPaused()).toBe(false);
  source.end('three');
  await relay.ended;
  expect(reader.text).toBe('one two three');
});

test('when the reader is gone the source is closed, and nothing is thrown', async () => {
  const { source, reader, relay } = relayed();
  reader.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }));
  await relay.ended;
  expect(source.destroyed).toBe(true);
});

test('a source that stays open is given up after its time, when it is empty', async () => {
  const { source, reader, relay, pass } = relayed();
  source.write('from the command');
  const finishing = relay.finishWithin(1000);
  await settled();
  await pass(1000);
  source.write(' and after');
  await pass(20);
  await pass(20);
  expect(await finishing).toBe(true);
  expect(source.destroyed).toBe(true);
  expect(reader.text).toBe('from the command and after');
});

test('a source that never falls silent is given up when all that a pipe can hold has come', async () => {
  const { source, relay, pass } = relayed();
  const finishing = relay.finishWithin(1000);
  await pass(1000);
  for (let megabyte = 0; megabyte < 3; megabyte++) {
    source.write(Buffer.alloc(600_000));
    await pass(20);
  }
  expect(await finishing).toBe(true);
});

test('a source that ends in time is not given up', async () => {
  const { source, relay } = relayed();
  const finishing = relay.finishWithin(1000);
  source.end('x');
  expect(await finishing).toBe(false);
});
