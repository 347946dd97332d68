import type { Staged, Undoable } from './types.ts';

/**
 * Shows two outputs that are ready, or neither: when the second cannot be shown, the first is taken back. Throws what
 * its `commit` throws.
 */
export async function commitBoth(first: Undoable | undefined, second: Staged | undefined): Promise<void> {
  try {
    await first?.commit();
  } catch (error) {
    second?.discard();
    throw error;
  }
  try {
    await second?.commit();
  } catch (error) {
    first?.undo();
    throw error;
  }
  first?.settle();
}
