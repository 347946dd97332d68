import path from 'node:path';
import { unlessSystem } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';

type World = Pick<Runtime, 'fs' | 'host'>;

/** More levels of processes than a job has. */
const MOST_LEVELS = 64;

/**
 * Whether GitLab's runner reads this job's output for masks: its helper then stands above the job's shell as
 * `gitlab-runner… proxy-exec …` (ci-platforms-and-formats.md, section 4). False where processes cannot be looked at.
 */
export function isUnderProxyExec(world: World): boolean {
  let pid = world.host.ppid;
  for (let level = 0; level < MOST_LEVELS && pid > 0; level++) {
    if (isProxy(wordsOf(pid, world))) return true;
    pid = parentOf(pid, world);
  }
  return false;
}

function isProxy(words: readonly string[]): boolean {
  const at = words.indexOf('proxy-exec');
  // Behind an interpreter the program itself is the second word.
  return (at === 1 || at === 2) && path.posix.basename(words[at - 1] ?? '').startsWith('gitlab-runner');
}

function wordsOf(pid: number, { fs }: World): readonly string[] {
  return (unlessSystem(() => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '').split('\0');
}

/** No number when it cannot be seen. The second field, the program's name in parentheses, may hold anything. */
function parentOf(pid: number, { fs }: World): number {
  const facts = unlessSystem(() => fs.readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? '';
  const [, parent = ''] = facts.slice(facts.lastIndexOf(')') + 2).split(' ');
  return Number.parseInt(parent, 10);
}
