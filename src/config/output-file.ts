import path from 'node:path';
import { systemCode } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { type Layers, type Said, said, strongest } from './layers.ts';
import type { FileNode } from './nodes.ts';
import { placed, SETTINGS } from './settings.ts';
import type { OutputSettings } from './types.ts';

/**
 * Where values are written, one file or a directory of files, and the template that is read. A configuration that a merge
 * request can change names only what is below its own directory and none of git's: otherwise it would choose which
 * files of this user are replaced, and by what, or which are copied to where it can see them.
 */
export function outputPath(
  name: 'output' | 'files' | 'template',
  file: FileNode | undefined,
  layers: Layers,
  runtime: Runtime,
): Said<string> | undefined {
  const word = said(SETTINGS[name].parser, placed(name), { block: file, isMeant: true }, layers);
  if (word?.value === undefined || word.level !== 'file') return word;
  // What a template is a link to is what would be read; links are never written through.
  if (!isBelow(word.value, { ...layers, isFollowed: name === 'template' }, runtime)) {
    const phrase = 'must be below the directory of the configuration, and not in ".git"';
    const variable = placed(name).variable;
    layers.faults.add(word.origin, `${name} ${phrase}; elsewhere is for --${name} and ${variable} to say`);
  }
  return word;
}

interface Where extends Pick<Layers, 'cwd' | 'fileDirectory'> {
  readonly isFollowed: boolean;
}

function isBelow(file: string, { cwd, fileDirectory, isFollowed }: Where, { fs }: Runtime): boolean {
  const root = realPath(fileDirectory ?? cwd, fs);
  const full = path.resolve(cwd, file);
  const target = isFollowed ? realPath(full, fs) : path.join(realPath(path.dirname(full), fs), path.basename(full));
  const [first, ...rest] = path.relative(root, target).split(path.sep);
  if (first === undefined || first === '' || first === '..') return false;
  if (path.isAbsolute(path.relative(root, target))) return false;
  return ![first, ...rest].some((segment) => segment.toLowerCase() === '.git');
}

/** A directory or template that is missing is refused later, by the name it has. */
function realPath(directory: string, fs: Runtime['fs']): string {
  try {
    return fs.realpathSync(directory);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return path.resolve(directory);
  }
}

/** What is written besides or instead of files, and where. */
export function outputPlaces(
  file: FileNode | undefined,
  layers: Layers,
  runtime: Runtime,
): Pick<OutputSettings, 'format' | 'file' | 'files' | 'template'> {
  const output = outputPath('output', file, layers, runtime)?.value;
  const files = outputPath('files', file, layers, runtime)?.value;
  const format = said(SETTINGS.format.parser, placed('format'), { block: file, isMeant: true }, layers);
  const template = outputPath('template', file, layers, runtime);
  const chosen = strongest<string>([format, template], layers.faults);
  if (chosen !== undefined && chosen === template)
    return { format: undefined, file: output, files, template: chosen.value };
  const isWanted = format !== undefined || output !== undefined || files === undefined;
  return {
    format: isWanted ? (format?.value ?? SETTINGS.format.default) : undefined,
    file: output,
    files,
    template: undefined,
  };
}
