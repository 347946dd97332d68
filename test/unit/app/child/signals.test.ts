import { expect, test } from 'vitest';
import { forwardSignals, type SignalTarget } from '../../../../src/app/child/signals.ts';
import type { FileSystem, SignalName } from '../../../../src/lib/runtime.ts';
import { worldWith } from '../../../support/invocation.ts';

/** A world in which signals are handed in by hand, time stands still until it is set, and what is sent is written down. */
function stand(target: Partial<SignalTarget> = {}, stat: Readonly<Record<number, string>> = {}) {
  const sent: (readonly [number, string])[] = [];
  const clock = { now: 0, due: () => undefined as void };
  let hear: (signal: SignalName) => void = () => undefined;
  const system = worldWith();
  const fs: FileSystem = {
    ...system.fs,
    readFileSync: ((file: string) => {
      const text = stat[Number(/\d+/.exec(file)?.[0])];
      if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return text;
    }) as unknown as FileSystem['readFileSync'],
  };
  const runtime = worldWith({
    fs,
    host: { pid: 10 },
    monotonic: () => clock.now,
    sleep: (_, signal) =>
      new Promise((resolve, reject) => {
        clock.due = resolve;
        signal?.addEventListener('abort', () => reject(new Error('aborted')));
      }),
    onSignal: (_, handler) => {
      hear = handler;
      return () => (hear = () => undefined);
    },
    processes: { ...system.processes, send: (pid, signal) => sent.push([pid, signal]) > 0 },
  });
  const forwarding = forwardSignals({ pid: 20, leadsGroup: true, killAfterMs: undefined, ...target }, runtime);
  return { sent, clock, forwarding, hear: (signal: SignalName) => hear(signal) };
}

const ALL = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;

test.each(ALL)('%s goes to the whole group, once', (signal) => {
  const { sent, hear } = stand();
  hear(signal);
  expect(sent).toEqual([[-20, signal]]);
});

const GROUP = { 10: '10 (node (x) ) S 1 10 5 3 10 0', 20: '20 (sh) S 10 10 5 3 10 0' };

test.each([
  [
    'in the foreground with us, keys have reached it',
    GROUP,
    { SIGINT: false, SIGQUIT: false, SIGTERM: true, SIGHUP: true },
  ],
  [
    'in the background, no key reaches anybody',
    { ...GROUP, 10: '10 (n) S 1 10 5 3 99 0' },
    { SIGINT: true, SIGQUIT: true },
  ],
  [
    'in another group, nobody else tells it',
    { ...GROUP, 20: '20 (sh) S 10 20 5 3 10 0' },
    { SIGINT: true, SIGQUIT: true },
  ],
  ['stopped, it is woken', { ...GROUP, 20: '20 (sh) T 10 10 5 3 10 0' }, { SIGCONT: true }],
  ['running, it was woken already', GROUP, { SIGCONT: false }],
  ['where nothing is known, it shares our group', {}, { SIGINT: false, SIGTERM: true, SIGCONT: true }],
])('at a terminal: %s', (_, stat, expected) => {
  for (const [signal, isSent] of Object.entries(expected) as [SignalName, boolean][]) {
    const { sent, hear } = stand({ leadsGroup: false }, stat);
    hear(signal);
    expect(sent, signal).toEqual(isSent ? [[20, signal]] : []);
  }
});

test('a second TERM kills when ten seconds have passed since the first, not before', () => {
  const { sent, clock, hear } = stand();
  hear('SIGTERM');
  clock.now = 9_999;
  hear('SIGTERM');
  clock.now = 10_000;
  hear('SIGTERM');
  expect(sent.map(([, signal]) => signal)).toEqual(['SIGTERM', 'SIGTERM', 'SIGKILL']);
});

test('--kill-after kills that long after the first signal that asks it to end, and only then', async () => {
  const { sent, clock, hear } = stand({ killAfterMs: 5000 });
  hear('SIGUSR1');
  hear('SIGINT');
  clock.due();
  await Promise.resolve();
  await Promise.resolve();
  expect(sent.map(([, signal]) => signal)).toEqual(['SIGUSR1', 'SIGINT', 'SIGKILL']);
});

test('after the end nothing is sent, and no kill either', async () => {
  const { sent, clock, hear, forwarding } = stand({ killAfterMs: 5000 });
  hear('SIGTERM');
  forwarding.childEnded();
  clock.due();
  hear('SIGINT');
  await Promise.resolve();
  expect(sent).toEqual([[-20, 'SIGTERM']]);
});

test('what is abandoned is told to end, once it has ended nobody is', () => {
  const running = stand();
  running.forwarding.abandon();
  expect(running.sent).toEqual([[-20, 'SIGTERM']]);
  const ended = stand();
  ended.forwarding.childEnded();
  ended.forwarding.abandon();
  expect(ended.sent).toEqual([]);
});
