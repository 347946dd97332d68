import type { spawn } from 'node:child_process';
import type { Finished } from './program.ts';
import { runCommand } from './program.ts';
import type { Stage } from './stage.ts';

/** How one arm of a case runs a shell script, with `secretctl` on its PATH. */
type Run = (stage: Stage, env: Readonly<Record<string, string>>) => Promise<Finished>;

/** Runs a script with `sh` and these options; stdout and stderr are the "job's log". */
export function script(text: string | ((stage: Stage) => string), options: readonly string[] = []): Run {
  return (stage, env) =>
    runCommand('sh', [...options, '-c', typeof text === 'string' ? text : text(stage)], { cwd: stage.cwd, env });
}

/** The same with bash. */
export function bash(text: string): Run {
  return (stage, env) => runCommand('bash', ['-c', text], { cwd: stage.cwd, env });
}

/** Runs the program and sends a signal as soon as the server has seen this many requests. */
export function interrupted(signal: NodeJS.Signals, afterRequests: number, args: readonly string[]): Run {
  return async (stage, env) => {
    let child: ReturnType<typeof spawn> | undefined;
    const finished = runCommand('secretctl', args, { cwd: stage.cwd, env, started: (one) => (child = one) });
    await stage.rehearsal.arrival(afterRequests);
    child?.kill(signal);
    return finished;
  };
}
