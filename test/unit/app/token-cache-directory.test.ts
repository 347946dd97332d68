import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCacheDirectory } from '../../../src/app/token-cache-directory.ts';
import { openTokenCache } from '../../../src/app/token-cache.ts';
import { systemRuntime } from '../../../src/lib/runtime.ts';
import { invocationIn, type World, worldWith } from '../../support/invocation.ts';
import { accessToken, CONTEXT, idToken } from '../../support/kept-tokens.ts';

const isRoot = process.getuid?.() === 0;
const uid = process.getuid?.() ?? -1;

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'cache-directory-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A directory below the test's own, made. */
function made(...names: readonly string[]): string {
  const directory = path.join(root, ...names);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Where tokens would be kept: the path, or the reason why nowhere. */
function chosen(world: World, configured?: string): string {
  const { cwd = root, home, temporaryDirectory = made('tmp'), ...host } = world.host ?? {};
  const opened = openCacheDirectory(
    configured,
    worldWith({ ...world, host: { cwd, home, temporaryDirectory, ...host } }),
  );
  if ('reason' in opened) return opened.reason;
  expect(statSync(opened.path)).toMatchObject({ uid, mode: 0o040700 });
  opened.close();
  return path.relative(root, opened.path);
}

function everywhere(): Record<string, string> {
  return {
    GITLAB_CI: 'true',
    CI_PROJECT_DIR: made('builds', 'project'),
    RUNNER_TEMP: made('runner-temp'),
    WORKSPACE_TMP: made('workspace-tmp'),
    XDG_RUNTIME_DIR: made('run'),
    XDG_CACHE_HOME: path.join(root, 'xdg', 'made', 'when needed'),
  };
}

describe('the first place that will do', () => {
  test('in the order of preference', () => {
    made('builds', 'project.tmp');
    const env: Record<string, string | undefined> = everywhere();
    const host = { home: made('home') };
    const places = [
      ['RUNNER_TEMP', 'runner-temp/secretctl'],
      ['WORKSPACE_TMP', 'workspace-tmp/secretctl'],
      ['GITLAB_CI', 'builds/project.tmp/secretctl'],
      ['XDG_RUNTIME_DIR', 'run/secretctl'],
      ['XDG_CACHE_HOME', 'xdg/made/when needed/secretctl'],
    ] as const;
    for (const [variable, place] of places) {
      expect(chosen({ env, host })).toBe(place);
      env[variable] = undefined;
    }
    expect(chosen({ env, host })).toBe('home/.cache/secretctl');
    expect(chosen({ env, host: { ...host, platform: 'darwin' } })).toBe('home/Library/Caches/secretctl');
    expect(chosen({ env, host: { home: undefined } })).toBe(`tmp/secretctl-${uid}`);
  });

  test('one that does not exist, is relative or is not ours is passed over', () => {
    const foreign = made('xdg', 'secretctl');
    chmodSync(foreign, 0o777);
    const env = {
      RUNNER_TEMP: path.join(root, 'not there'),
      XDG_RUNTIME_DIR: 'relative',
      XDG_CACHE_HOME: path.dirname(foreign),
    };
    expect(chosen({ env })).toBe(`tmp/secretctl-${uid}`);
    expect(existsSync(path.join(root, 'not there'))).toBe(false);
  });

  test('no place inside a workspace or git work tree is taken', () => {
    const project = made('project');
    made('dotfiles', '.git');
    const env = {
      GITHUB_WORKSPACE: project,
      XDG_CACHE_HOME: path.join(project, '.cache'),
      RUNNER_TEMP: made('dotfiles', 'a', 'b'),
    };
    expect(chosen({ env })).toBe(`tmp/secretctl-${uid}`);
    expect(readdirSync(project)).toEqual([]);
  });

  test('row 95: no home and no writable place at all', () => {
    writeFileSync(path.join(root, 'file'), '');
    const host = { home: undefined, temporaryDirectory: path.join(root, 'file') };
    expect(chosen({ host })).toMatch(/secretctl-\d+ is not a directory/);
  });

  test('a platform without owners keeps nothing', () => {
    expect(chosen({ host: { uid: -1 } })).toMatch(/who owns/);
  });
});

function swappedForLink(directory: string): void {
  renameSync(directory, `${directory}-x`);
  symlinkSync(`${directory}-x`, directory);
}

function swappedForFile(directory: string): void {
  rmSync(directory, { recursive: true });
  writeFileSync(directory, '');
}

/** Only root can give a directory away. */
const FOREIGN_OWNER: [string, (directory: string) => unknown, RegExp][] = isRoot
  ? [['foreign owner', (directory) => chownSync(directory, 65_534, 65_534), /another user/]]
  : [];

function linkedTree(): string {
  const tree = made('tree');
  writeFileSync(path.join(tree, '.git'), 'gitdir: elsewhere');
  return tree;
}

function linkTo(name: string): string {
  const link = path.join(root, 'link');
  symlinkSync(path.join(root, name), link);
  return link;
}

describe('a configured directory', () => {
  test('is used itself, and made with what is above it', () => {
    expect(chosen({}, path.join(root, 'a', 'b'))).toBe('a/b');
    expect(statSync(path.join(root, 'a')).mode & 0o777).toBe(0o700);
    expect(chosen({ host: { cwd: made('c') } }, 'relative')).toBe('c/relative');
  });

  test.each<[string, (directory: string) => unknown, RegExp]>([
    ...FOREIGN_OWNER,
    ['0777', (directory) => chmodSync(directory, 0o777), /open to other users/],
    ['0750', (directory) => chmodSync(directory, 0o750), /open to other users/],
    ['symlink', swappedForLink, /symbolic link/],
    ['a file in its place', swappedForFile, /not a directory/],
  ])('row 94: %s: no cache, one warning, and no other place is taken', (_, spoil, says) => {
    const directory = made('cache');
    spoil(directory);
    const invocation = invocationIn({ env: { XDG_RUNTIME_DIR: made('run') } });
    const cache = openTokenCache({ cache: true, cacheDir: directory }, invocation);
    openTokenCache({ cache: true, cacheDir: directory }, invocation);
    expect(cache.directory).toBeUndefined();
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toBeDefined();
    expect(cache.get(CONTEXT, idToken())).toBeUndefined();
    expect(invocation.lines).toEqual([expect.stringMatching(says)]);
    expect(readdirSync(path.join(root, 'run'))).toEqual([]);
  });

  test.each<[string, () => { env?: World['env']; directory: string }]>([
    ['in a git work tree', () => ({ directory: path.join(made('repo', '.git'), '..', 'deep', 'cache') })],
    ['in a linked git work tree', () => ({ directory: path.join(linkedTree(), 'cache') })],
    ["in GitLab's project", () => ({ env: { CI_PROJECT_DIR: made('p') }, directory: path.join(root, 'p', 'cache') })],
    ["Jenkins' workspace itself", () => ({ env: { WORKSPACE: made('w') }, directory: path.join(root, 'w') })],
    [
      'through a symbolic link',
      () => ({ env: { CI_PROJECT_DIR: made('p') }, directory: path.join(linkTo('p'), 'cache') }),
    ],
  ])('%s is refused: what is there can be uploaded or committed', (_, arrange) => {
    const { env = {}, directory } = arrange();
    expect(() => chosen({ env }, directory)).toThrow(expect.objectContaining({ reason: 'CACHE_DIR', exit: 78 }));
    expect(existsSync(path.join(directory, 'cache'))).toBe(false);
  });

  test('beside a workspace whose name begins alike is fine', () => {
    const env = { CI_PROJECT_DIR: made('p') };
    expect(chosen({ env }, path.join(root, 'p.tmp'))).toBe('p.tmp');
    expect(chosen({ env }, path.join(root, '..p'))).toBe('..p');
  });
});

function full(): never {
  throw Object.assign(new Error('full'), { code: 'ENOSPC' });
}

describe('while it is in use', () => {
  test.skipIf(process.platform !== 'linux')('a directory swapped in later is never met', () => {
    const directory = path.join(root, 'cache');
    const cache = openTokenCache({ cache: true, cacheDir: directory }, invocationIn());
    renameSync(directory, `${directory}-old`);
    mkdirSync(directory, { mode: 0o777 });
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toBeUndefined();
    expect(cache.get(CONTEXT, idToken())).toBeDefined();
    expect(readdirSync(directory)).toEqual([]);
    expect(readdirSync(`${directory}-old`)).toHaveLength(1);
  });

  test('without /proc a directory swapped in later is noticed', () => {
    const { fs } = systemRuntime();
    const statSyncWithoutProc = ((place: string) => {
      if (place.startsWith('/proc/')) throw Object.assign(new Error('hidden'), { code: 'ENOENT' });
      return fs.statSync(place);
    }) as typeof fs.statSync;
    const directory = path.join(root, 'cache');
    const cache = openTokenCache(
      { cache: true, cacheDir: directory },
      invocationIn({ fs: { ...fs, statSync: statSyncWithoutProc } }),
    );
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toBeUndefined();
    expect(cache.get(CONTEXT, idToken())).toBeDefined();
    renameSync(directory, `${directory}-old`);
    mkdirSync(directory, { mode: 0o777 });
    expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toMatch(/written/);
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each(['writeFileSync', 'fsyncSync', 'renameSync', 'fchmodSync'] as const)(
    'row 94: a full disk at %s leaves nothing behind and is one warning',
    (call) => {
      const directory = path.join(root, 'cache');
      const { fs } = systemRuntime();
      const invocation = invocationIn({ fs: { ...fs, [call]: full } });
      const cache = openTokenCache({ cache: true, cacheDir: directory }, invocation);
      expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toMatch(/written/);
      expect(readdirSync(directory)).toEqual([]);
      expect(invocation.lines).toHaveLength(1);
    },
  );
});
