import path from 'node:path';
import { findProgram } from '../lib/find-program.ts';
import type { Invocation } from '../lib/invocation.ts';
import { findWorkTree, isInIndex } from './git-index.ts';

/** What git thinks of a file. */
export type GitState =
  /** It is in no work tree. */
  | { readonly kind: 'outside' }
  | { readonly kind: 'tracked' }
  | { readonly kind: 'ignored' }
  /** Not tracked; whether it is ignored is not known when git could not be asked. `line` would ignore it. */
  | { readonly kind: 'unignored' | 'unknown'; readonly line: string };

/**
 * What git thinks of an entry of a directory (its real path). Asks the git program, which runs nothing that a
 * repository configures; without one, the index itself is searched. An entry that is a directory is tracked when any
 * file in it is (without git: one of `within`), and ignored when any file that may come into it is.
 */
export async function gitState(
  directory: string,
  base: string,
  invocation: Invocation,
  within?: readonly string[],
): Promise<GitState> {
  const { runtime } = invocation;
  const workTree = findWorkTree(directory, runtime);
  if (workTree === undefined) return { kind: 'outside' };
  const file = path.join(path.relative(workTree.root, directory), base).replaceAll(path.sep, '/');
  const line = `/${file.replace(/[\\*?[]/g, '\\$&')}${within === undefined ? '' : '/'}`;
  const files = within === undefined ? [file] : within.map((name) => `${file}/${name}`);
  const git = findProgram('git', runtime);
  if (git !== undefined) {
    // check-ignore takes names as they are, but knows no option to say so: "./" hides a leading colon from it.
    const [listed, ignored] = await Promise.all([
      ask(git, directory, ['--literal-pathspecs', 'ls-files', '--error-unmatch', '--', base], invocation),
      ask(
        git,
        directory,
        ['check-ignore', '--quiet', '--', `./${base}${within === undefined ? '' : '/secret'}`],
        invocation,
      ),
    ]);
    if (listed === 0) return { kind: 'tracked' };
    if (listed === 1 && ignored === 0) return { kind: 'ignored' };
    if (listed === 1 && ignored === 1) return { kind: 'unignored', line };
  }
  return files.some((one) => isInIndex(workTree, one, runtime)) ? { kind: 'tracked' } : { kind: 'unknown', line };
}

/** Settings a repository may have that would start a program of its choice, switched off. */
const HARMLESS = [
  ...['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'protocol.allow=never'],
  // Asked about a checkout that another user made, as in many containers, git would refuse to say anything.
  'safe.directory=*',
].flatMap((setting) => ['-c', setting]);

/** All that git gets of our environment: where its user's own settings are. None of its own variables, none of ours. */
const PASSED = new Set(['PATH', 'HOME', 'XDG_CONFIG_HOME', 'USERPROFILE', 'SYSTEMROOT']);

const GIT_ENVIRONMENT = {
  LC_ALL: 'C',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
};

/** The exit code of git; undefined when it could not be run or was stopped. */
function ask(
  git: string,
  directory: string,
  args: readonly string[],
  invocation: Invocation,
): Promise<number | undefined> {
  const { runtime, deadline } = invocation;
  const passed = Object.entries(runtime.env).filter(([name]) => PASSED.has(name.toUpperCase()));
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const child = runtime.spawn(git, ['--no-pager', ...HARMLESS, ...args], {
    cwd: directory,
    env: { ...Object.fromEntries(passed), ...GIT_ENVIRONMENT },
    stdio: 'ignore',
    signal: deadline.signal,
    // One that does not heed a polite signal would outlive the command's time, and this process wait for it.
    killSignal: 'SIGKILL',
  });
  child.on('error', () => resolve(undefined));
  child.on('exit', (code) => resolve(code ?? undefined));
  return promise;
}
