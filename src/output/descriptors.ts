import { systemCode } from '../lib/errors.ts';
import type { FileStat, Runtime } from '../lib/runtime.ts';

type World = Pick<Runtime, 'fs' | 'host'>;

/** The descriptor behind a standard stream; undefined for a stream that has none. */
export function descriptorOf(stream: object): number | undefined {
  return 'fd' in stream && typeof stream.fd === 'number' ? stream.fd : undefined;
}

/** What a descriptor is open on; undefined when it is closed. */
export function openOn(fd: number, { fs }: World): FileStat | undefined {
  return unlessSystem(() => fs.fstatSync(fd));
}

/** Whether a descriptor leads nowhere: closed, or on /dev/null, which Node puts in the place of a closed one. */
export function leadsNowhere(fd: number, world: World): boolean {
  const own = openOn(fd, world);
  if (own === undefined) return true;
  const nowhere = unlessSystem(() => world.fs.statSync('/dev/null'));
  return nowhere !== undefined && own.isCharacterDevice() && own.rdev === nowhere.rdev;
}

/**
 * Whether a descriptor is open on the same thing as the parent's stdout or stderr, which in a job is its log;
 * undefined when the parent cannot be looked at (another user's, hidden, or no /proc).
 */
export function isParentsOwn(fd: number, world: World): boolean | undefined {
  const own = openOn(fd, world);
  if (own === undefined) return undefined;
  const theirs = [1, 2].map((one) => unlessSystem(() => world.fs.statSync(`/proc/${world.host.ppid}/fd/${one}`)));
  const seen = theirs.filter((stats) => stats !== undefined);
  return seen.length === 0 ? undefined : seen.some((stats) => isSame(stats, own));
}

/** Whether two descriptors are open on the same thing. */
export function areSame(fd: number, other: number, world: World): boolean {
  const [one, two] = [openOn(fd, world), openOn(other, world)];
  return one !== undefined && two !== undefined && isSame(one, two);
}

function isSame(one: FileStat, two: FileStat): boolean {
  return one.dev === two.dev && one.ino === two.ino;
}

/** The result, or undefined when the system said no; anything else that is thrown is a bug and goes on. */
export function unlessSystem<Result>(ask: () => Result): Result | undefined {
  try {
    return ask();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
