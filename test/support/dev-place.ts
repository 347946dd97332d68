import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RehearsalReport } from '../../src/dev/index.ts';
import { type Finished, runProgram, type RunOptions } from './program.ts';

/** A working directory, a home and a place for temporary files, in which `secretctl dev` is run. */
export interface DevPlace {
  readonly root: string;
  readonly work: string;
  environment(more?: Readonly<Record<string, string>>): Record<string, string>;
  /** Runs `secretctl dev ARGS`. */
  dev(
    args: readonly string[],
    more?: { env?: Record<string, string>; started?: RunOptions['started'] },
  ): Promise<Finished>;
  /** Runs `secretctl dev exec ARGS -- COMMAND` and reads its report. */
  reported(
    args: readonly string[],
    command: readonly string[],
  ): Promise<{ finished: Finished; report: RehearsalReport }>;
  /** Removes it. Throws when a rehearsal left something behind. */
  close(): void;
}

/** A new one; the test removes it. */
export function openDevPlace(): DevPlace {
  const root = mkdtempSync(path.join(tmpdir(), 'dev-e2e-'));
  const [work, temporary] = [path.join(root, 'work'), path.join(root, 'tmp')];
  for (const directory of [work, temporary]) mkdirSync(directory, { mode: 0o700 });
  const environment: DevPlace['environment'] = (more = {}) => {
    const { PATH = '' } = process.env;
    return { PATH: `${path.dirname(process.execPath)}:${PATH}`, HOME: root, TMPDIR: temporary, ...more };
  };
  const dev: DevPlace['dev'] = (args, { env, started } = {}) =>
    runProgram(['dev', ...args], { cwd: work, env: environment(env), ...(started && { started }) });
  return {
    root,
    work,
    environment,
    dev,
    async reported(args, command) {
      const file = path.join(root, 'report.json');
      const finished = await dev(['exec', '--report', file, ...args, '--', ...command]);
      return { finished, report: JSON.parse(readFileSync(file, 'utf8')) as RehearsalReport };
    },
    close() {
      const left = readdirSync(temporary);
      rmSync(root, { recursive: true });
      if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    },
  };
}
