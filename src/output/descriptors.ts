import path from 'node:path';
import { unlessSystem } from '../lib/errors.ts';
import type { FileStat, Runtime } from '../lib/runtime.ts';
import { isSame } from './directory.ts';

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
  const theirs = [1, 2].map((one) => parentsDescriptor(one, world)).filter((stats) => stats !== undefined);
  if (theirs.length === 0) return undefined;
  const same = theirs.filter((stats) => isSame(stats, own)).length;
  return same > 0 && !((own.isFile() || own.isCharacterDevice()) && isForThisCommand(own, same, world));
}

/** Shells that redirect themselves for a command, by the name of their program. */
const REDIRECT_THEMSELVES = new Set(['dash', 'busybox', 'sh', 'ash']);

/**
 * Whether a file or device is the parent's stdout or stderr only while this command runs: dash and busybox redirect
 * themselves for `tool >file` and keep what they had, in descriptors from 10 up that their children do not get. Other
 * programs have such descriptors for reasons of their own.
 */
function isForThisCommand(own: FileStat, streams: number, world: World): boolean {
  const { fs, host } = world;
  const program = unlessSystem(() => fs.readlinkSync(`/proc/${host.ppid}/exe`));
  if (program === undefined || !REDIRECT_THEMSELVES.has(path.posix.basename(program))) return false;
  const kept = (unlessSystem(() => fs.readdirSync(`/proc/${host.ppid}/fd`)) ?? [])
    .map(Number)
    .filter((one) => one >= 10 && isKeptForWriting(one, world))
    .map((one) => parentsDescriptor(one, world))
    .filter((stats) => stats !== undefined);
  return kept.length >= streams && !kept.some((stats) => isSame(stats, own));
}

/** Shells that take what a command prints into a variable, or run it, by the name of their program. */
const CAPTURING = new Set([
  ...REDIRECT_THEMSELVES,
  ...['bash', 'rbash', 'zsh', 'ksh', 'ksh93', 'mksh', 'lksh', 'yash', 'fish', 'nu', 'pwsh'],
]);

/**
 * Whether the parent is a shell that reads what is written to this stream, as in `x=$(tool)` and `. <(tool)`; not
 * for `tool | other`. Undefined when the parent cannot be looked at.
 */
export function isReadByShell(stream: object, world: World): boolean | undefined {
  const { fs, host } = world;
  const fd = descriptorOf(stream);
  const own = fd === undefined ? undefined : openOn(fd, world);
  if (own?.isFIFO() !== true) return false;
  const program = unlessSystem(() => fs.readlinkSync(`/proc/${host.ppid}/exe`));
  const open = unlessSystem(() => fs.readdirSync(`/proc/${host.ppid}/fd`));
  if (program === undefined || open === undefined) return undefined;
  if (!CAPTURING.has(path.posix.basename(program))) return false;
  return open.map(Number).some((one) => {
    const stats = parentsDescriptor(one, world);
    return stats !== undefined && isSame(stats, own) && (flagsOf(one, world) & ACCESS_MODE) === READ_ONLY;
  });
}

const ACCESS_MODE = 0o3;
const READ_ONLY = 0;
const CLOSE_ON_EXEC = 0o2000000;

function isKeptForWriting(fd: number, world: World): boolean {
  const flags = flagsOf(fd, world);
  return (flags & ACCESS_MODE) !== READ_ONLY && (flags & CLOSE_ON_EXEC) !== 0;
}

/** How the parent opened one of its descriptors (`open(2)`); as if read-only when that cannot be seen. */
function flagsOf(fd: number, { fs, host }: World): number {
  const facts = unlessSystem(() => fs.readFileSync(`/proc/${host.ppid}/fdinfo/${fd}`, 'utf8')) ?? '';
  return Number.parseInt(/^flags:\s*([0-7]+)/m.exec(facts)?.[1] ?? '0', 8);
}

function parentsDescriptor(fd: number, { fs, host }: World): FileStat | undefined {
  return unlessSystem(() => fs.statSync(`/proc/${host.ppid}/fd/${fd}`));
}

/** Whether two descriptors are open on the same thing. */
export function areSame(fd: number, other: number, world: World): boolean {
  const [one, two] = [openOn(fd, world), openOn(other, world)];
  return one !== undefined && two !== undefined && isSame(one, two);
}
