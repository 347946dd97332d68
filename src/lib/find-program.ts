import path from 'node:path';
import { unlessSystem } from './errors.ts';
import type { Runtime } from './runtime.ts';

/**
 * The path of a program by its bare name, undefined where PATH has none. Of PATH only absolute entries count: what a
 * repository holds is never taken for a program of the machine.
 */
export function findProgram(name: string, { env, host, fs }: Pick<Runtime, 'env' | 'host' | 'fs'>): string | undefined {
  const file = host.platform === 'win32' ? `${name}.exe` : name;
  return (env['PATH'] ?? env['Path'] ?? '')
    .split(path.delimiter)
    .filter((directory) => path.isAbsolute(directory))
    .map((directory) => path.join(directory, file))
    .find((candidate) => unlessSystem(() => fs.statSync(candidate))?.isFile() === true);
}
