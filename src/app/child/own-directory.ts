import path from 'node:path';
import { unlessSystem } from '../../lib/errors.ts';
import { hasEnded } from '../../lib/private-file.ts';
import type { FileSystem, Runtime } from '../../lib/runtime.ts';

/** Whose it is stands in the name: the process, and the container that its number belongs to. */
const NAME = /^secretctl-(?:run|pipes)-(?<space>[0-9]+)-(?<pid>[1-9][0-9]{0,9})-[0-9a-f]{16}$/;

/** Makes a directory of this run, 0700 whatever the umask, and returns its path. Throws the system's error. */
export function makeOwnDirectory(place: string, use: 'run' | 'pipes', { fs, host, random }: Runtime): string {
  const directory = path.join(place, `secretctl-${use}-${processSpace(fs)}-${host.pid}-${random(8).toString('hex')}`);
  fs.mkdirSync(directory, { mode: 0o700 });
  // A umask may have taken rights from the owner.
  fs.chmodSync(directory, 0o700);
  return directory;
}

/** Removes what killed runs left in a place: directories of ours whose process has ended. */
export function sweepOwnDirectories(place: string, { fs, host }: Runtime): void {
  const space = processSpace(fs);
  for (const name of unlessSystem(() => fs.readdirSync(place)) ?? []) {
    const found = NAME.exec(name)?.groups;
    if (found === undefined || found['space'] !== space || hasEnded(found['pid'] ?? '', fs) !== true) continue;
    const directory = path.join(place, name);
    const stats = unlessSystem(() => fs.lstatSync(directory));
    if (stats?.isDirectory() === true && stats.uid === host.uid)
      unlessSystem(() => fs.rmSync(directory, { recursive: true, force: true }));
  }
}

/** Where process numbers mean the same: containers that share a directory do not share those. 0 where nobody says. */
function processSpace(fs: FileSystem): string {
  return /\d+/.exec(unlessSystem(() => fs.readlinkSync('/proc/self/ns/pid')) ?? '')?.[0] ?? '0';
}
