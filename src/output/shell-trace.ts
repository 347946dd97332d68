import path from 'node:path';
import { isOn } from '../lib/ci.ts';
import { unlessSystem } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';

/** Variables by which a CI makes its shells trace or its logs tell more. */
const DEBUG_VARIABLES = ['CI_DEBUG_TRACE', 'RUNNER_DEBUG', 'ACTIONS_STEP_DEBUG', 'SYSTEM_DEBUG'];

/**
 * What makes the caller print the commands it runs, with their values, completing "…, so the values would be
 * printed"; undefined when nothing does, as far as can be seen from outside: `set -x` in a script cannot.
 */
export function tracedBy({ env, fs, host }: Pick<Runtime, 'env' | 'fs' | 'host'>): string | undefined {
  const debug = DEBUG_VARIABLES.find((name) => isOn(env[name]));
  if (debug !== undefined) return `${debug} is on`;
  if ((env['SHELLOPTS'] ?? '').split(':').includes('xtrace')) return 'SHELLOPTS makes shells trace';
  const words = unlessSystem(() => fs.readFileSync(`/proc/${host.ppid}/cmdline`, 'utf8'))?.split('\0') ?? [];
  return isTracingShell(words) ? 'the calling shell traces its commands (-x)' : undefined;
}

const SHELLS = new Set(['sh', 'ash', 'bash', 'dash', 'ksh', 'ksh93', 'lksh', 'mksh', 'rbash', 'rksh', 'yash', 'zsh']);

/** Whether this command line (the words of `/proc/PID/cmdline`) is a shell told to trace: `sh -xe script`. */
export function isTracingShell(words: readonly string[]): boolean {
  const rest = [...words];
  const name = shellName(rest.shift());
  if (name !== 'busybox' && !SHELLS.has(name)) return false;
  if (name === 'busybox' && !SHELLS.has(shellName(rest.shift()))) return false;
  let isTracing = false;
  for (let word = rest.shift(); word !== undefined && /^[-+]./.test(word) && word !== '--'; word = rest.shift()) {
    const option = word.replace(/^(?:--|[-+]o?)/, '');
    const isTracer = isXtrace(option) || (!word.startsWith('--') && word.includes('x'));
    if (isTracer || argumentsOf(word, rest).some(isXtrace)) isTracing = word.startsWith('-');
  }
  return isTracing;
}

/** Takes the words that belong to an option: one for each `o` of a cluster, as in `-exo pipefail`. */
function argumentsOf(word: string, rest: string[]): string[] {
  if (word.startsWith('--')) return word === '--rcfile' || word === '--init-file' ? rest.splice(0, 1) : [];
  const count = /^[-+]o./.test(word) && isXtrace(word.slice(2)) ? 0 : (word.match(/o/gi) ?? []).length;
  return rest.splice(0, count);
}

function shellName(word: string | undefined): string {
  // A login shell's name begins with a dash.
  return path.posix.basename(word ?? '').replace(/^-/, '');
}

/** The option's long name, in the spellings that zsh takes too. */
function isXtrace(word: string): boolean {
  return word.toLowerCase().replaceAll('_', '') === 'xtrace';
}
