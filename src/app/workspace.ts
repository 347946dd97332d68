import path from 'node:path';
import type { FileSystem, Runtime } from '../lib/runtime.ts';

/** Whether a path is in what a CI checks out, saves or uploads, or in any git work tree. */
export function isInWorkspace(directory: string, { env, fs }: Runtime): boolean {
  const real = realPath(directory, fs);
  const workspaces = [env['CI_PROJECT_DIR'], env['WORKSPACE'], env['GITHUB_WORKSPACE']];
  return (
    workspaces.some((root) => root !== undefined && root !== '' && isInside(real, realPath(root, fs))) ||
    isInWorkTree(real, fs)
  );
}

function isInWorkTree(directory: string, fs: FileSystem): boolean {
  for (let current = directory; ; current = path.dirname(current)) {
    if (isThere(path.join(current, '.git'), fs)) return true;
    if (current === path.dirname(current)) return false;
  }
}

function isThere(place: string, fs: FileSystem): boolean {
  try {
    return fs.lstatSync(place, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function isInside(child: string, parent: string): boolean {
  const relative = path.relative(parent, child);
  return !/^\.\.(?:[/\\]|$)/.test(relative) && !path.isAbsolute(relative);
}

/** The path without symbolic links, as far as it exists. */
function realPath(wanted: string, fs: FileSystem): string {
  const missing: string[] = [];
  for (let current = path.resolve(wanted); ; current = path.dirname(current)) {
    try {
      return path.join(fs.realpathSync(current), ...missing);
    } catch {
      if (current === path.dirname(current)) return path.resolve(wanted);
      missing.unshift(path.basename(current));
    }
  }
}
