import { isCi } from '../lib/ci.ts';
import type { Invocation } from '../lib/invocation.ts';
import { areSame, isParentsOwn } from './descriptors.ts';

/**
 * Whether this descriptor is the log of the job: it is the calling process's own stdout or stderr. Where the caller
 * cannot be looked at, stdout and stderr being one and the same counts as the log; otherwise that is said in a
 * warning. Always false outside CI.
 */
export function isJobLog(fd: number, { runtime, journal }: Invocation): boolean {
  if (!isCi(runtime.env)) return false;
  const isOwn = isParentsOwn(fd, runtime);
  if (isOwn !== undefined) return isOwn;
  // Windows gives no identity to pipes: comparing them would find all of them the same.
  if (runtime.host.platform !== 'win32' && areSame(fd, 2, runtime)) return true;
  journal.warn('whether stdout is the log of this job cannot be seen here; see that it is not');
  return false;
}
