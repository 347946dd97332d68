import path from 'node:path';
import { systemCode } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { type Layers, said } from './layers.ts';
import type { FileNode } from './nodes.ts';
import { placed, SETTINGS } from './settings.ts';

/**
 * Where values are written. A configuration that a merge request can change names only files below its own directory
 * and none of git's: otherwise it would choose which files of this user are replaced, and by what.
 */
export function outputFile(file: FileNode | undefined, layers: Layers, runtime: Runtime): string | undefined {
  const word = said(SETTINGS.output.parser, placed('output'), { block: file, isMeant: true }, layers);
  if (word?.value === undefined) return undefined;
  if (word.level === 'file' && !isBelow(word.value, layers, runtime)) {
    const phrase = 'must be a file below the directory of the configuration, and none in ".git"';
    layers.faults.add(word.origin, `output ${phrase}; elsewhere is for --output and SECRETCTL_OUTPUT to say`);
  }
  return word.value;
}

function isBelow(file: string, { cwd, fileDirectory }: Layers, { fs }: Runtime): boolean {
  const root = realPath(fileDirectory ?? cwd, fs);
  const full = path.resolve(cwd, file);
  const target = path.join(realPath(path.dirname(full), fs), path.basename(full));
  const [first, ...rest] = path.relative(root, target).split(path.sep);
  if (first === undefined || first === '..' || path.isAbsolute(path.relative(root, target))) return false;
  return ![first, ...rest].some((segment) => segment.toLowerCase() === '.git');
}

/** A directory that is missing is refused later, by the name it has. */
function realPath(directory: string, fs: Runtime['fs']): string {
  try {
    return fs.realpathSync(directory);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return path.resolve(directory);
  }
}
