import { readFileSync } from 'node:fs';
import { answer, type FaultyServer, type Script, startFaultyServer } from './faulty-server.ts';
import { type Finished, runProgram } from './program.ts';
import type { Stage } from './stage.ts';

/** A finished run and what it took. */
export interface Measured extends Finished {
  /** The most it occupied, KiB. */
  readonly resident: number;
  readonly milliseconds: number;
}

/** Runs the built program against a Conjur that logs everybody in and answers reads as the script says. */
export async function runAgainst(
  stage: Stage,
  { read, args, env }: { read: Script; args: readonly string[]; env: Readonly<Record<string, string>> },
): Promise<Measured> {
  const server: FaultyServer = await startFaultyServer((request) =>
    request.text.includes('/authenticate') ? [loggedIn()] : read(request),
  );
  const address = { CONJUR_APPLIANCE_URL: server.url.origin, SECRETCTL_NO_CACHE: '1' };
  const startedAt = performance.now();
  let resident = 0;
  let watch: NodeJS.Timeout | undefined;
  try {
    const finished = await runProgram(args, {
      cwd: stage.cwd,
      env: { ...stage.env, ...address, ...env },
      started: (child) => {
        watch = setInterval(() => (resident = Math.max(resident, peakOf(child.pid))), 3);
      },
    });
    return { ...finished, resident, milliseconds: performance.now() - startedAt };
  } finally {
    clearInterval(watch);
    await server.close();
  }
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function loggedIn(): Buffer {
  const now = Math.floor(Date.now() / 1000);
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64');
  return answer(
    200,
    JSON.stringify({ protected: part({}), payload: part({ iat: now, exp: now + 480 }), signature: 'c2ln' }),
  );
}
