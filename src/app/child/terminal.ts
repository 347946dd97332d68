import { closeQuietly } from '../../lib/close.ts';
import { unlessSystem } from '../../lib/errors.ts';
import type { Runtime } from '../../lib/runtime.ts';

type World = Pick<Runtime, 'fs' | 'host'>;

/** Whether this process has a controlling terminal, from which keys such as Ctrl-C send signals. */
export function hasTerminal({ fs }: World): boolean {
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = fs.constants;
  const descriptor = unlessSystem(() => fs.openSync('/dev/tty', O_RDWR | O_NOCTTY | O_NONBLOCK));
  if (descriptor === undefined) return false;
  closeQuietly(descriptor, fs);
  return true;
}

/**
 * Whether the terminal itself has sent this key's signal to the child as well as to us: both are in the group that is in
 * its foreground. Where the system does not tell, they are, because they started so.
 */
export function isSharedWith(pid: number, world: World): boolean {
  const [own, child] = [placeOf(world.host.pid, world), placeOf(pid, world)];
  if (own === undefined || child === undefined) return true;
  return own.group === child.group && own.group === own.foreground;
}

/** Whether a process is stopped, as by Ctrl-Z; undefined where the system does not tell. */
export function isStopped(pid: number, world: World): boolean | undefined {
  const place = placeOf(pid, world);
  return place === undefined ? undefined : place.state === 'T';
}

/** Where a process stands (proc(5), stat). */
interface Place {
  readonly state: string;
  readonly group: number;
  /** The group in the foreground of its terminal. */
  readonly foreground: number;
}

function placeOf(pid: number, { fs }: World): Place | undefined {
  const text = unlessSystem(() => fs.readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The name before it may hold anything, parentheses too.
  const words = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (words === undefined) return undefined;
  const [state = '', , group, , , foreground] = words;
  return { state, group: Number(group), foreground: Number(foreground) };
}
