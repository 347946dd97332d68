import { assert, asyncProperty, infiniteStream, nat, oneof, subarray, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ref, rehearse, shown } from './rehearsed.ts';

/** The first letter of an id says what it is. */
const UNIVERSE = ['have', 'none', 'shut'].flatMap((kind) =>
  Array.from({ length: 120 }, (_, index) => `${kind}/secret-${index}`),
);
const EXPECTED = { h: 'value', n: 'missing', s: 'forbidden' } as const;
const kindOf = (path: string): (typeof EXPECTED)[keyof typeof EXPECTED] =>
  EXPECTED[path.charAt(0) as keyof typeof EXPECTED];

/** Mostly there, some missing, some forbidden, in any order. */
const anyPaths = tuple(
  subarray(UNIVERSE.filter((path) => path.startsWith('have'))),
  oneof(
    subarray(
      UNIVERSE.filter((path) => path.startsWith('none')),
      { maxLength: 6 },
    ),
    subarray(UNIVERSE.filter((path) => path.startsWith('none'))),
  ),
  oneof(
    subarray(
      UNIVERSE.filter((path) => path.startsWith('shut')),
      { maxLength: 4 },
    ),
    subarray(UNIVERSE.filter((path) => path.startsWith('shut'))),
  ),
  infiniteStream(nat()),
)
  .map(([have, none, shut, order]) => {
    const all = [...have, ...none, ...shut].map((path) => ({ path, place: order.next().value }));
    return all.toSorted((left, right) => left.place - right.place).map(({ path }) => path);
  })
  .filter((paths) => paths.length > 0);

/** Reads when nothing fails, then what the missing and the forbidden ones may cost, and one question who we are. */
function mostRequests(paths: readonly string[], planned: number): number {
  const missing = paths.filter((path) => kindOf(path) === 'missing').length;
  const forbidden = paths.filter((path) => kindOf(path) === 'forbidden').length;
  const depth = Math.ceil(Math.log2(Math.max(2, paths.length)));
  return planned + 1.5 * missing + forbidden * (2 * depth + 4) + 1;
}

describe.each([
  ['open source', { edition: 'oss' }, {}],
  ['SaaS, first API', { edition: 'saas' }, { batch: 'v1' }],
  ['SaaS, second API', { edition: 'saas' }, {}],
])('any ids, any of them missing or forbidden: %s', (_, options, values) => {
  test('each outcome is right, and the requests stay within their bound', async () => {
    const have = UNIVERSE.filter((path) => kindOf(path) !== 'missing');
    const { backend, logIn, taken } = await rehearse({
      options,
      values,
      secrets: Object.fromEntries(have.map((path) => [path, `value of ${path}`])),
      forbidden: new Set(UNIVERSE.filter((path) => kindOf(path) === 'forbidden')),
    });
    const token = await logIn();
    await assert(
      asyncProperty(anyPaths, async (paths) => {
        taken();
        const refs = paths.map((path) => ref(path));
        const planned = backend.plan(refs).length - 1;
        const outcomes = await backend.fetchSecrets(token, refs);
        expect(outcomes.map(shown)).toEqual(
          paths.map((path) => (kindOf(path) === 'value' ? `value of ${path}` : kindOf(path))),
        );
        const sent = taken();
        expect(sent.length).toBeLessThanOrEqual(mostRequests(paths, planned));
        expect(sent.length).toBeLessThanOrEqual(2 * paths.length + 2);
      }),
      { numRuns: 20 },
    );
  });
});
