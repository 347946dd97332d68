import { describe, expect, test } from 'vitest';
import { allOf, openLanes } from '../../../src/lib/lanes.ts';

describe('lanes', () => {
  test('never more at once than there are, and all get done in order', async () => {
    const lanes = openLanes(3);
    const gates = Array.from({ length: 10 }, () => Promise.withResolvers<void>());
    const started: number[] = [];
    let under = 0;
    let most = 0;
    const all = allOf(
      gates.map((gate, index) =>
        lanes.run(async () => {
          started.push(index);
          most = Math.max(most, ++under);
          await gate.promise;
          under--;
          return index;
        }),
      ),
    );
    for (const gate of gates) gate.resolve();
    expect(await all).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(most).toBe(3);
  });

  test('after a failure nothing is started, and the failure comes when all is quiet', async () => {
    const lanes = openLanes(2);
    const slow = Promise.withResolvers<void>();
    const events: string[] = [];
    const all = allOf([
      lanes.run(async () => {
        await slow.promise;
        events.push('slow one done');
      }),
      lanes.run(async () => {
        throw new Error('first');
      }),
      lanes.run(async () => void events.push('started too late')),
    ]).catch((error: unknown) => events.push(String(error)));
    await new Promise(setImmediate);
    expect(events).toEqual([]);
    slow.resolve();
    await all;
    expect(events).toEqual(['slow one done', 'Error: first']);
  });
});
