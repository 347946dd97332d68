import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CI_FIXTURES } from './ci-jobs.ts';
import { type Finished, runCommand } from './program.ts';
import { overlaid, type Stage } from './stage.ts';

/** Runs a script as a job of the CI with this fixture, in the working directory of a stage. */
export function jobIn(
  stage: Stage,
  fixture: string,
  script: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const ci = CI_FIXTURES.find(({ name }) => name === fixture)?.env ?? {};
  const env = overlaid(stage.env, { CI: undefined, GITLAB_CI: undefined, ...ci, ...more });
  return runCommand(...command(stage, fixture, script), { cwd: stage.cwd, env });
}

/** GitLab's runner shows itself above the job's shell. */
function command(stage: Stage, fixture: string, script: string): [string, string[]] {
  if (fixture !== 'gitlab') return ['sh', ['-c', script]];
  const runner = path.join(stage.attic, 'gitlab-runner-helper');
  if (!existsSync(runner)) {
    writeFileSync(runner, '#!/bin/sh\nshift\n"$@"\nexit $?\n');
    chmodSync(runner, 0o755);
  }
  return [runner, ['proxy-exec', 'sh', '-c', script]];
}
