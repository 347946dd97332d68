import { unlessSystem } from '../lib/errors.ts';
import { hasEnded, writePrivateFile } from '../lib/private-file.ts';
import type { FileStat, Runtime } from '../lib/runtime.ts';
import type { Directory } from './directory.ts';

type World = Pick<Runtime, 'fs' | 'host' | 'now' | 'random'>;

/** Whose it is stands in the name, so that a later run can tell whether its process is gone. */
const NAME = /^\.secretctl-([1-9][0-9]{0,9})-[0-9a-f]{16}\.tmp$/;

const STALE_MS = 10 * 60_000;

/** Where the system does not say which processes live, a day has to be long enough for any of them. */
const STALE_UNKNOWN_MS = 24 * 60 * 60_000;

/** What a temporary directory holds, each with one entry of the name it has outside. */
export const PARTS = { next: 'new', before: 'old' } as const;

/** A new name for something temporary of this process. */
export function temporaryName({ host, random }: Pick<World, 'host' | 'random'>): string {
  return `.secretctl-${host.pid}-${random(8).toString('hex')}.tmp`;
}

/**
 * Writes the bytes to a new file of ours in that directory, 0600 from birth whatever the umask, and waits until they
 * are on the disk. Returns its path. On any error the file is gone again and the system's error goes on.
 */
export function writeTemporary(directory: Directory, bytes: Buffer, world: World): string {
  const file = directory.entry(temporaryName(world));
  writePrivateFile(file, bytes, world.fs);
  return file;
}

/**
 * Removes what killed runs left behind: our own temporary files and directories of ten minutes and more whose process is
 * gone. A directory that such a run had put aside and not replaced yet gets its name back at once.
 */
export function removeStale(directory: Directory, world: World): void {
  const { fs, host } = world;
  for (const name of unlessSystem(() => fs.readdirSync(directory.entry('.'))) ?? []) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined) continue;
    const entry = directory.entry(name);
    const stats = unlessSystem(() => fs.lstatSync(entry));
    if (stats === undefined || (host.uid !== -1 && stats.uid !== host.uid)) continue;
    if (stats.isDirectory()) sweepDirectory(entry, { directory, pid, stats }, world);
    else if (stats.isFile() && stats.nlink === 1 && isStale(stats, pid, world))
      unlessSystem(() => fs.unlinkSync(entry));
  }
}

interface Found {
  readonly directory: Directory;
  readonly pid: string;
  readonly stats: FileStat;
}

function sweepDirectory(entry: string, { directory, pid, stats }: Found, world: World): void {
  const { fs } = world;
  const parts: readonly string[] = Object.values(PARTS);
  // Whoever may rename in this directory could have given another one of ours such a name.
  const inside = unlessSystem(() => fs.readdirSync(entry));
  if (inside === undefined || !inside.every((part) => parts.includes(part))) return;
  if (hasEnded(pid, fs) === true) {
    for (const base of unlessSystem(() => fs.readdirSync(`${entry}/${PARTS.before}`)) ?? []) {
      if (unlessSystem(() => fs.lstatSync(directory.entry(base))) !== undefined) continue;
      unlessSystem(() => fs.renameSync(`${entry}/${PARTS.before}/${base}`, directory.entry(base)));
    }
  }
  if (isStale(stats, pid, world)) unlessSystem(() => fs.rmSync(entry, { recursive: true, force: true }));
}

function isStale(stats: FileStat, pid: string, { fs, now }: World): boolean {
  const ageMs = now() - stats.mtimeMs;
  const isGone = hasEnded(pid, fs);
  return isGone === undefined ? ageMs >= STALE_UNKNOWN_MS : isGone && ageMs >= STALE_MS;
}
