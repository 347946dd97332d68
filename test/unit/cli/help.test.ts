import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { BACKENDS } from '../../../src/backends/index.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { EXAMPLES } from '../../../src/cli/examples.ts';
import { run } from '../../support/whole-program.ts';

const ROOT = path.join(import.meta.dirname, '../../..');

describe('help', () => {
  test('lists every command', async () => {
    for (const argv of [['help'], ['--help'], ['-h']]) {
      const { exit, stdout, stderr } = await run(argv);
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
      for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
    }
  });

  test('begins with examples, none of which is broken by its width', async () => {
    for (const [words, lines] of Object.entries(EXAMPLES)) {
      const { stdout } = await run(['help', ...words.split(' ').filter((word) => word !== '')]);
      expect(stdout).toContain(`\n\n  ${lines.join('\n  ')}\n\n`);
    }
    expect((await run(['help'])).stdout).toMatch(/^  mask +copy .*\n  login /m);
  });

  test('and the documents name every option of every command', async () => {
    const documents = ['README.md', ...readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`)]
      .map((name) => readFileSync(path.join(ROOT, name), 'utf8'))
      .join('\n');
    const commands = [...Object.keys(COMMANDS), 'dev exec', 'dev serve', 'dev token'];
    const helps = await Promise.all(commands.map(async (words) => (await run(['help', ...words.split(' ')])).stdout));
    const flags = helps.flatMap((help) => [...help.matchAll(/^ +(?:-\w, )?(?<flag>--[a-z-]+)/gm)]);
    const names = new Set(flags.map(({ groups }) => groups?.['flag'] ?? ''));
    expect(names.size).toBeGreaterThan(60);
    expect([...names].filter((name) => !new RegExp(`${name}(?![a-z-])`).test(documents))).toEqual([]);
  });

  test('of a command names its options, and not those of one product', async () => {
    const { stdout } = await run(['help', 'fetch']);
    expect(stdout).toMatch(/--token-env <NAME>/);
    expect(stdout).not.toMatch(/--conjur-account/);
    expect((await run(['fetch', '--help'])).stdout).toBe(stdout);
    expect((await run(['help', 'dev', 'exec'])).stdout).toMatch(/--fault/);
  });

  test('says how each command is used in the same words, and where the version is asked for', async () => {
    const root = (await run(['help'])).stdout;
    expect(root).toMatch(/^Usage: secretctl COMMAND \[OPTION…\]/);
    expect(root).toMatch(/^ +-V, --version +\S/m);
    for (const name of Object.keys(COMMANDS)) {
      const { stdout } = await run(['help', name]);
      expect(stdout).toMatch(new RegExp(`^Usage: secretctl ${name} \\[OPTION…\\]`));
      expect(stdout).not.toMatch(/\[options\]/);
    }
  });

  test('of fetch is in groups, in each the most used option first', async () => {
    const { stdout } = await run(['help', 'fetch']);
    const groups = [...stdout.matchAll(/^(?<heading>[A-Z].*):\n +(?<first>(?:-\w, )?\S+)/gm)].map(
      ({ groups: found }) => [found?.['heading'], found?.['first']],
    );
    expect(groups.slice(0, 7)).toEqual([
      ['Arguments', 'NAME=REF'],
      ['What to fetch', '--profile'],
      ['Output', '--format'],
      ['Backend', '--backend'],
      ['ID token', '--audience'],
      ['TLS', '--ca-file'],
      ['Run', '--dry-run'],
    ]);
    expect((await run(['help', 'login'])).stdout).not.toMatch(/What to fetch/);
  });

  test('of a product names its flags, variables and file keys', async () => {
    expect((await run(['help', 'conjur'])).stdout).toMatch(
      /--conjur-account .*SECRETCTL_CONJUR_ACCOUNT.*file key account.*CONJUR_ACCOUNT/s,
    );
  });

  test('of every product names what each setting is said by', async () => {
    for (const { type } of BACKENDS) expect((await run(['help', type])).stdout).not.toContain('undefined');
    expect((await run(['help', 'token-exchange'])).stdout).toMatch(/^  client-secret, which has no flag\n/m);
  });

  test('writes what is to be replaced in upper case, and says the same of itself everywhere', async () => {
    for (const words of [
      ...Object.keys(COMMANDS).map((name) => [name]),
      ['dev', 'exec'],
      ['dev', 'serve'],
      ['dev', 'token'],
    ]) {
      const { stdout } = await run(['help', ...words]);
      expect(stdout).not.toMatch(/ <[a-z][^|>0-9]*>/);
      expect(stdout).toMatch(/-h, --help +show this help/);
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(130);
    }
    expect((await run(['help', 'policy'])).stdout).toMatch(/The policy:[^]*Configuration:[^]*Run:/);
  });

  test("shows each setting's default, and what each setting itself takes", async () => {
    const fortipam = (await run(['help', 'fortipam'])).stdout;
    expect(fortipam).toMatch(/--fortipam-token-lifetime.*\n.*\n.*; default: 10m\n/);
    expect(fortipam).toMatch(/; default: expires_in, results\.expires_in\n/);
    expect((await run(['help', 'fetch'])).stdout).toMatch(/--format <NAME> .*\(default: dotenv\)/);
    expect((await run(['help', 'conjur'])).stdout).toMatch(
      /--conjur-account <VALUE>\n.*\n +must be the name of an account/,
    );
  });

  test('version', async () => {
    expect(await run(['--version'])).toEqual({ exit: 0, stdout: 'secretctl 0.1.0\n', stderr: '' });
  });

  test('each command is called what the table calls it', async () => {
    for (const [name, load] of Object.entries(COMMANDS)) expect((await load()).name).toBe(name);
  });
});
