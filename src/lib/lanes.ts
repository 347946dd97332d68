/** Runs work with a bound on how much is under way at once. */
export interface Lanes {
  /** Starts it when a lane is free; after the first failure nothing new is started, and that failure is everyone's. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** `width` lanes. */
export function openLanes(width: number): Lanes {
  const waiting: (() => void)[] = [];
  let free = width;
  let failure: { readonly error: unknown } | undefined;
  return {
    async run(work) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        if (failure !== undefined) throw failure.error;
        return await work();
      } catch (error) {
        failure ??= { error };
        throw error;
      } finally {
        const next = waiting.shift();
        if (next === undefined) free++;
        else next();
      }
    },
  };
}

/** The results of all of these, in order. Throws the first failure, but only when none is under way any more. */
export async function allOf<Result>(work: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/**
 * Does `work` for every item, at most `width` of them at a time; the results in the items' order. Throws the first
 * failure, after which no further item is begun, but only when none is under way any more.
 */
export async function inLanes<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const lanes = openLanes(width);
  return allOf(items.map((item) => lanes.run(() => work(item))));
}
