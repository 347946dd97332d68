import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PRODUCTS } from '../../src/dev/index.ts';
import { type DevPlace, openDevPlace } from '../support/dev-place.ts';
import { PROGRAM, runProgram } from '../support/program.ts';

let place: DevPlace;

beforeEach(() => {
  place = openDevPlace();
});

afterEach(() => place.close());

describe('the command', () => {
  test.each([
    [['sh', '-c', 'exit 69'], 69],
    [['sh', '-c', 'kill -KILL $$'], 137],
    [['no-such-program'], 127],
    [['/etc/passwd'], 126],
  ])('%j ends with %i', async (command, exit) => {
    expect((await place.dev(['exec', '--', ...command])).exit).toBe(exit);
  });

  test('gets its arguments as they are, options of ours among them, with -- or without', async () => {
    const words = ['--ci', 'x', '--', '--help', '', "it's"];
    const script = 'printf "%s|" "$@"';
    expect((await place.dev(['exec', '--', 'sh', '-c', script, 'sh', ...words])).stdout.toString()).toBe(
      `${words.join('|')}|`,
    );
    expect((await place.dev(['exec', 'sh', '-c', script, 'sh', ...words])).stdout.toString()).toBe(
      `${words.join('|')}|`,
    );
  });

  test('reads our standard input', async () => {
    const finished = await runProgram(['dev', 'exec', '--', 'cat'], {
      cwd: place.work,
      env: place.environment(),
      stdin: 'typed',
    });
    expect(finished.stdout.toString()).toBe('typed');
  });

  test('sees nothing of another CI and of a real server', async () => {
    const env = {
      GITHUB_ACTIONS: 'true',
      GITHUB_TOKEN: 'x',
      CONJUR_AUTHN_JWT_HOST_ID: 'x',
      SECRETCTL_URL: 'https://x',
      KEPT: 'yes',
    };
    const { stdout } = await place.dev(['exec', '--', 'env'], { env });
    expect(stdout.toString()).toMatch(/^KEPT=yes$/m);
    expect(stdout.toString()).toMatch(/^GITLAB_CI=true$/m);
    expect(stdout.toString()).not.toMatch(/^(GITHUB_|CONJUR_AUTHN_JWT_HOST_ID|SECRETCTL_URL)/m);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('gets our %s', async (signal, exit) => {
    const ready = path.join(place.root, 'ready');
    let program: ReturnType<typeof spawn> | undefined;
    const started = (child: ReturnType<typeof spawn>): void => {
      program = child;
    };
    const finished = place.dev(['exec', '--', 'sh', '-c', `: > '${ready}'; exec sleep 30`], { started });
    await expect.poll(() => readdirSync(place.root), { timeout: 20_000 }).toContain('ready');
    program?.kill(signal);
    expect((await finished).exit).toBe(exit);
  });
});

describe('usage', () => {
  test.each([
    ['--fault', 'read:oops'],
    ['--ci', 'travis'],
    ['--backend', 'teller'],
    ['--lifetime', 'soon'],
    ['--latency', '-1'],
    ['--option', 'edition=none'],
    ['--option', 'none'],
    ['--secret', 'value'],
    ['--server-clock', 'late'],
  ])('%s %s is refused', async (flag, value) => {
    const finished = await place.dev(['exec', flag, value, '--', 'touch', path.join(place.root, 'ran')]);
    expect(finished).toMatchObject({ exit: 64, stdout: Buffer.alloc(0) });
    expect(readdirSync(place.root)).not.toContain('ran');
  });

  test('a file of secrets that is none is refused with every fault', async () => {
    writeFileSync(path.join(place.work, 'bad.yaml'), 'a: 5\nb: text\nc: [1]\n');
    const finished = await place.dev(['exec', '--secrets', 'bad.yaml', '--', 'true']);
    expect(finished.exit).toBe(78);
    expect(finished.stderr).toMatch(/"a"[^]*"c"/);
  });

  test('help lists every fault', async () => {
    const { stdout } = await place.dev(['exec', '--help']);
    for (const fault of [
      'html',
      'empty',
      'badjson',
      'bigbody',
      'redirect',
      'gzip',
      'noframing',
      'cut',
      'drip',
      'slow',
      'reset',
      'silent',
    ]) {
      expect(stdout.toString()).toMatch(new RegExp(`^ +${fault} {2,}\\S`, 'm'));
    }
  });

  test.each(Object.keys(PRODUCTS))('help lists the options that the %s server has, each once', async (product) => {
    const { stdout } = await place.dev(['exec', '--backend', product, '--help']);
    const listed =
      stdout
        .toString()
        .split('--backend ')
        .find((part) => part.startsWith(`${product}\n`)) ?? '';
    const words = [
      ...listed
        .split('\n\n', 1)
        .join('')
        .matchAll(/^ {4}(?<word>\S+) +\S/gm),
    ].map((one) => one.groups?.['word']);
    expect(words.length).toBeGreaterThan(3);
    const finished = await place.dev(['exec', '--backend', product, '--option', 'no-such=1', '--', 'true']);
    expect(finished.stderr).toContain(`it has ${words.join(', ')}\n`);
  });
});

describe('two terminals', () => {
  test('dev serve in one, fetch and new tokens in the other', async () => {
    const state = path.join(place.root, 'state');
    const server = spawn(process.execPath, [PROGRAM, 'dev', 'serve', '--state', state, '--secret', 'a/b=first'], {
      cwd: place.work,
      env: place.environment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => server.once('exit', (code, signal) => resolve(code ?? signal)));
    await new Promise((resolve) => server.stdout.once('data', resolve));
    const bin = path.join(place.root, 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'secretctl'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
    chmodSync(path.join(bin, 'secretctl'), 0o700);
    const other = spawn('sh', ['-ec', SECOND_TERMINAL], {
      cwd: place.work,
      env: { ...place.environment({ STATE: state }), PATH: `${bin}:${place.environment()['PATH']}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const printed: Buffer[] = [];
    other.stdout.on('data', (part: Buffer) => printed.push(part));
    await new Promise((resolve) => other.once('close', resolve));
    const home = readdirSync(place.root).toSorted();
    server.kill('SIGTERM');
    expect(Buffer.concat(printed).toString()).toBe('first\n{"B":"first"}\nfirst\ndiffer\n');
    expect(home, 'nothing is kept in the home').toEqual(['bin', 'state', 'tmp', 'work']);
    expect(await ended).toBe(143);
    expect(readdirSync(place.root)).not.toContain('state');
  });
});

const SECOND_TERMINAL = `
. "$STATE/job.sh"
secretctl fetch --format raw V=a/b; echo
secretctl fetch --format json | tr -d ' \\n'; echo
old=$SECRETCTL_ID_TOKEN
export SECRETCTL_ID_TOKEN="$(secretctl dev token --state "$STATE")"
secretctl fetch --format raw V=a/b; echo
[ "$old" = "$SECRETCTL_ID_TOKEN" ] || echo differ
`;
