import { PassThrough } from 'node:stream';
import { main } from '../../src/main.ts';
import { inDirectory, runtimeIn } from './configured.ts';

/** What became of it. */
export interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the whole program in this process, in an empty directory. */
export async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return inDirectory({}, async (root) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const exit = await main({ ...runtimeIn(root, env), argv, stdout, stderr });
    return { exit, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
  });
}
