import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemRuntime } from '../../../src/lib/runtime.ts';
import { gitState } from '../../../src/output/git-state.ts';
import { openSink } from '../../../src/output/sink.ts';
import { invocationIn, isRoot, NOBODY, reasonOf, toFile, write } from '../../support/sink-invocation.ts';
import { workplace } from '../../support/sink-runs.ts';

const SETTINGS = [
  '-c',
  'user.name=a',
  '-c',
  'user.email=a@b.example',
  '-c',
  'protocol.file.allow=always',
  '-c',
  'init.defaultBranch=main',
];

function git(cwd: string, ...args: string[]): void {
  execFileSync('git', [...SETTINGS, ...args], { cwd, stdio: 'pipe', env: { PATH: process.env['PATH'], HOME: cwd } });
}

/** A repository with a tracked file `old`, an ignored name `out.ignored`, and a tracked `sub/old`. */
function repository(): string {
  const cwd = workplace();
  git(cwd, 'init', '-q');
  mkdirSync(path.join(cwd, 'sub'));
  for (const file of ['old', 'sub/old', ':old', '-old', '[old]'])
    writeFileSync(path.join(cwd, file), 'old', { mode: 0o600 });
  writeFileSync(path.join(cwd, '.gitignore'), '*.ignored\n');
  git(cwd, 'add', '--all');
  git(cwd, 'commit', '-q', '-m', 'x');
  return cwd;
}

const WITHOUT_GIT = { env: { PATH: '/nonexistent' } };
/** What the user of the machine has set: git found, nothing else. */
const WITH_GIT = { env: { PATH: process.env['PATH'], HOME: '/nonexistent' } };

async function stateOf(file: string, more: Parameters<typeof invocationIn>[1] = WITH_GIT): Promise<string> {
  const state = await gitState(path.dirname(file), path.basename(file), invocationIn('/', more));
  return 'line' in state ? `${state.kind} ${state.line}` : state.kind;
}

describe('what git thinks of a file', () => {
  test.each([
    ['old', 'tracked'],
    ['sub/old', 'tracked'],
    [':old', 'tracked'],
    ['-old', 'tracked'],
    ['[old]', 'tracked'],
    ['out.ignored', 'ignored'],
    ['sub/out.ignored', 'ignored'],
    ['new', 'unignored /new'],
    ['sub/new', 'unignored /sub/new'],
    ['o?d', 'unignored /o\\?d'],
    ['.git/new', 'outside'],
  ])('%s is %s', async (file, state) => expect(await stateOf(path.join(repository(), file))).toBe(state));

  test('outside of any repository it is not asked', async () => {
    expect(await stateOf(path.join(workplace(), 'old'))).toBe('outside');
  });

  test('a tracked file that was deleted is still tracked', async () => {
    const cwd = repository();
    execFileSync('rm', [path.join(cwd, 'old')]);
    expect(await stateOf(path.join(cwd, 'old'))).toBe('tracked');
  });

  test('in a linked work tree', async () => {
    const cwd = repository();
    const linked = path.join(workplace(), 'linked');
    git(cwd, 'worktree', 'add', '-q', linked);
    expect(await stateOf(path.join(linked, 'old'))).toBe('tracked');
    expect(await stateOf(path.join(linked, 'old'), WITHOUT_GIT)).toBe('tracked');
    expect(await stateOf(path.join(linked, 'new'))).toBe('unignored /new');
  });

  test('in a submodule', async () => {
    const [outer, inner] = [repository(), repository()];
    git(outer, 'submodule', '--quiet', 'add', inner, 'module');
    expect(await stateOf(path.join(outer, 'module/old'))).toBe('tracked');
    expect(await stateOf(path.join(outer, 'module/sub/new'))).toBe('unignored /sub/new');
  });

  test('in a bare repository there is no work tree', async () => {
    const cwd = workplace();
    git(cwd, 'init', '-q', '--bare');
    expect(await stateOf(path.join(cwd, 'new'))).toBe('outside');
  });

  test.skipIf(!isRoot)('in a checkout that another user made', async () => {
    const cwd = repository();
    execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, cwd]);
    expect(await stateOf(path.join(cwd, 'old'))).toBe('tracked');
    expect(await stateOf(path.join(cwd, 'new'))).toBe('unignored /new');
    chownSync(cwd, 0, 0);
  });

  test.each(['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_CEILING_DIRECTORIES'])(
    'whatever %s says',
    async (name) => {
      const cwd = repository();
      const env = { ...WITH_GIT.env, [name]: '/nonexistent' };
      expect(await stateOf(path.join(cwd, 'old'), { env })).toBe('tracked');
    },
  );
});

describe('without a git program', () => {
  test.each([2, 3])('the index of version %i is searched', async (version) => {
    const cwd = repository();
    git(cwd, 'update-index', '--index-version', String(version));
    if (version === 3) git(cwd, 'update-index', '--skip-worktree', 'old', 'sub/old');
    expect(readFileSync(path.join(cwd, '.git/index')).readUInt32BE(4)).toBe(version);
    expect(await stateOf(path.join(cwd, 'old'), WITHOUT_GIT)).toBe('tracked');
    expect(await stateOf(path.join(cwd, 'sub/old'), WITHOUT_GIT)).toBe('tracked');
    for (const file of ['ld', 'new', 'sub', 'b/old'])
      expect(await stateOf(path.join(cwd, file), WITHOUT_GIT)).toMatch(/^unknown/);
  });

  test('a program of that name in a relative directory of PATH is not taken for it', async () => {
    const cwd = repository();
    const trap = path.join(cwd, 'trap');
    writeFileSync(path.join(cwd, 'git'), `#!/bin/sh\ntouch ${trap}\n`);
    chmodSync(path.join(cwd, 'git'), 0o755);
    expect(await stateOf(path.join(cwd, 'old'), { env: { PATH: '.:' } })).toBe('tracked');
    expect(existsSync(trap)).toBe(false);
  });
});

test('nothing that a repository configures is run', async () => {
  const cwd = repository();
  const trap = path.join(cwd, 'trap');
  const program = path.join(cwd, 'program');
  writeFileSync(program, `#!/bin/sh\ntouch ${trap}\n`);
  chmodSync(program, 0o755);
  for (const name of ['post-index-change', 'fsmonitor-watchman'])
    execFileSync('cp', [program, path.join(cwd, '.git/hooks', name)]);
  for (const key of [
    'core.fsmonitor',
    'core.pager',
    'core.editor',
    'core.askPass',
    'core.sshCommand',
    'credential.helper',
    'diff.external',
    'filter.x.process',
    'alias.ls-files',
    'alias.check-ignore',
  ]) {
    git(cwd, 'config', key, key.startsWith('alias') ? `!${program}` : program);
  }
  writeFileSync(path.join(cwd, '.gitattributes'), '* filter=x\n');
  expect(await stateOf(path.join(cwd, 'old'))).toBe('tracked');
  expect(await stateOf(path.join(cwd, 'new'))).toBe('unignored /new');
  expect(existsSync(trap)).toBe(false);
});

describe('what that means for the target', () => {
  test('tracked: refused, unchanged', async () => {
    const cwd = repository();
    expect(await reasonOf(openSink(toFile('old'), invocationIn(cwd, WITH_GIT)))).toBe('TRACKED_FILE');
    expect(readFileSync(path.join(cwd, 'old'), 'utf8')).toBe('old');
  });

  test.each([
    ['git', WITH_GIT],
    ['no git', WITHOUT_GIT],
  ])('not ignored: a warning with the line to add, refused under --strict (%s)', async (_name, more) => {
    const cwd = repository();
    const invocation = invocationIn(cwd, more);
    await write('sub/new', invocation);
    expect(invocation.warnings.join()).toMatch(/"sub\/new".*\.gitignore: "\/sub\/new"/);
    expect(await reasonOf(openSink(toFile('new', { strict: true }), invocationIn(cwd, more)))).toBe('NOT_IGNORED');
  });

  test('ignored: nothing is said', async () => {
    const cwd = repository();
    const invocation = invocationIn(cwd, WITH_GIT);
    await write('out.ignored', invocation, { strict: true });
    expect(invocation.warnings).toEqual([]);
  });

  test('git gets none of our variables', async () => {
    const cwd = repository();
    const seen: NodeJS.ProcessEnv[] = [];
    const { spawn } = systemRuntime();
    const env = { ...WITH_GIT.env, SECRETCTL_ID_TOKEN: 'x', GIT_TRACE: path.join(cwd, 'trace') };
    await stateOf(path.join(cwd, 'new'), {
      env,
      spawn: (command, args, options) => {
        seen.push(options.env ?? {});
        return spawn(command, args, options);
      },
    });
    expect(seen).toHaveLength(2);
    for (const one of seen) expect(Object.keys(one).filter((name) => /SECRETCTL|GIT_TRACE/.test(name))).toEqual([]);
  });
});
