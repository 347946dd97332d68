import { unlessSystem } from '../../lib/errors.ts';
import type { Runtime } from '../../lib/runtime.ts';

/** The first signal for which Node has no name: it tells an end by one of these like an end with exit code 0. */
const FIRST = 32;

/** The bit among a process's flags that says that it is ending. */
const ENDING = 0x4;

/** A process that is ending lets go of its pipes first, and is done microseconds later. */
const MOST_LOOKS = 2000;

/**
 * The signal that ended a process, in a list, where it is one without a name; otherwise nothing. For the moment at which
 * its pipe has ended: Node hears of that before it takes note of the process's own end, and what comes after that is too late.
 */
export function unnamedSignal(pid: number, { fs }: Pick<Runtime, 'fs'>): readonly number[] {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const text = unlessSystem(() => fs.readFileSync(`/proc/${pid}/stat`, 'latin1'));
    // proc(5): the third field comes behind the name, which may hold anything; the ninth has the flags, the last the wait status.
    const words = text?.slice(text.lastIndexOf(')') + 2).split(' ');
    if (words === undefined || (Number(words[6]) & ENDING) === 0) return [];
    if (words[0] !== 'Z') continue;
    const signal = Number(words[49]) & 0x7f;
    return signal >= FIRST ? [signal] : [];
  }
  return [];
}
