import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundle } from '../../scripts/build/bundle.ts';
import { bundledPackages } from '../../scripts/build/notices.ts';
import { PROGRAM, runCommand } from '../support/program.ts';

const ROOT = path.join(import.meta.dirname, '../..');

let built: Bundle;
let elsewhere: string;

beforeAll(async () => {
  built = await bundle(ROOT);
  elsewhere = mkdtempSync(path.join(tmpdir(), 'bundle-'));
});

afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

/** Files of a package in the bundle, by path inside the package. */
function filesOf(name: string): string[] {
  const start = `node_modules/${name}/`;
  const files = Object.keys(built.metafile.inputs).filter((input) => input.startsWith(start));
  return files.map((file) => file.slice(start.length)).toSorted();
}

describe('what is in the bundle', () => {
  test('the packages, and no other', () => {
    expect(bundledPackages(built.metafile)).toMatchInlineSnapshot(`
      [
        "@clack/core",
        "@clack/prompts",
        "@noble/ciphers",
        "@noble/hashes",
        "@peculiar/asn1-asym-key",
        "@peculiar/asn1-cms",
        "@peculiar/asn1-csr",
        "@peculiar/asn1-ecc",
        "@peculiar/asn1-pfx",
        "@peculiar/asn1-pkcs8",
        "@peculiar/asn1-pkcs9",
        "@peculiar/asn1-rsa",
        "@peculiar/asn1-schema",
        "@peculiar/asn1-x509",
        "@peculiar/asn1-x509-attr",
        "@peculiar/asn1-x509-post-quantum",
        "@peculiar/utils",
        "@peculiar/x509",
        "asn1js",
        "aws4",
        "chalk",
        "commander",
        "fast-string-truncated-width",
        "fast-string-width",
        "fast-wrap-ansi",
        "fflate",
        "jose",
        "pvtsutils",
        "pvutils",
        "sisteransi",
        "tslib",
        "tsyringe",
        "tsyringe/node_modules/tslib",
        "undici",
        "yaml",
      ]
    `);
  });

  test('of undici the dispatcher core', () => {
    expect(filesOf('undici')).toMatchInlineSnapshot(`
      [
        "lib/core/connect.js",
        "lib/core/constants.js",
        "lib/core/diagnostics.js",
        "lib/core/errors.js",
        "lib/core/request.js",
        "lib/core/symbols.js",
        "lib/core/tree.js",
        "lib/core/util.js",
        "lib/dispatcher/client-h1.js",
        "lib/dispatcher/client-h2.js",
        "lib/dispatcher/client.js",
        "lib/dispatcher/dispatcher-base.js",
        "lib/dispatcher/dispatcher.js",
        "lib/llhttp/constants.js",
        "lib/llhttp/llhttp-wasm.js",
        "lib/llhttp/llhttp_simd-wasm.js",
        "lib/llhttp/utils.js",
        "lib/util/stats.js",
        "lib/util/timers.js",
        "lib/web/fetch/body.js",
        "lib/web/fetch/formdata.js",
        "lib/web/webidl/index.js",
      ]
    `);
  });

  test('of what undici does not need here, a few characters', () => {
    const spared = /undici\/lib\/(?:web\/|dispatcher\/client-h2|core\/tree)/;
    const sizes = Object.entries(built.metafile.inputs).filter(([input]) => spared.test(input));
    expect(sizes).toHaveLength(5);
    for (const [input, { bytes }] of sizes) expect(bytes, input).toBeLessThan(120);
  });

  test('nothing native, and no module of Node that listens to others', () => {
    const imports = Object.values(built.metafile.inputs).flatMap((input) => input.imports.map((one) => one.path));
    expect(imports.filter((name) => name.endsWith('.node'))).toEqual([]);
    expect(imports.filter((name) => /^(?:node:)?(?:inspector|repl|cluster|worker_threads)$/.test(name))).toEqual([]);
  });
});

describe('the packages themselves', () => {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const direct = [
    '@clack/prompts',
    '@noble/ciphers',
    '@noble/hashes',
    '@peculiar/asn1-cms',
    '@peculiar/asn1-pfx',
    '@peculiar/asn1-rsa',
    '@peculiar/asn1-schema',
    '@peculiar/asn1-x509',
    '@peculiar/x509',
    'aws4',
    'chalk',
    'commander',
    'fflate',
    'jose',
    'undici',
    'yaml',
  ];

  test('an installation pulls none of them', () => {
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('optionalDependencies');
    expect(manifest).not.toHaveProperty('peerDependencies');
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
      expect(manifest.scripts).not.toHaveProperty(script);
    }
  });

  test('these are imported by the sources, all exact', () => {
    const own = Object.entries(built.metafile.inputs).filter(([input]) => input.startsWith('src/'));
    const imported = own.flatMap(([, input]) => input.imports.filter((one) => one.path.startsWith('node_modules/')));
    const names = imported.map((one) => /^node_modules\/(?<name>(?:@[^/]+\/)?[^/]+)/.exec(one.path)?.groups?.['name']);
    expect([...new Set(names)].toSorted()).toEqual(direct);
    for (const name of direct) expect(manifest.devDependencies[name]).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('every package here is exact', () => {
    for (const version of Object.values<string>(manifest.devDependencies)) {
      expect(version).toMatch(/^(?:npm:[a-z0-9@/-]+@)?\d+\.\d+\.\d+$/);
    }
  });

  test('none runs a script when it is installed', () => {
    const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
    for (const name of bundledPackages(built.metafile)) {
      expect(packages[`node_modules/${name}`], name).toBeDefined();
      expect(packages[`node_modules/${name}`], name).not.toHaveProperty('hasInstallScript');
    }
  });

  test('undici is newer than its known faults with proxies and trust', () => {
    const [major, minor] = manifest.devDependencies.undici.split('.').map(Number);
    expect(major > 8 || (major === 8 && minor >= 5)).toBe(true);
  });
});

test('the same sources in another directory make the same bytes', async () => {
  const copy = path.join(elsewhere, 'some/where/else');
  mkdirSync(copy, { recursive: true });
  for (const name of ['src', 'package.json', 'tsconfig.json'])
    cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  const hash = (code: string) => createHash('sha256').update(code).digest('hex');
  expect(hash((await bundle(copy)).code)).toBe(hash(built.code));
});

test('the built file is what the sources make', () => {
  expect(readFileSync(path.join(ROOT, 'dist/secretctl.cjs'), 'utf8') === built.code).toBe(true);
});

describe('what is loaded only when needed', () => {
  /** Packages of which a run compiles something, and its exit code. */
  async function loadedBy(...args: string[]): Promise<{ exit: number; packages: readonly string[] }> {
    const watcher = path.join(elsewhere, 'watcher.cjs');
    writeFileSync(watcher, WATCHER);
    const finished = await runCommand(process.execPath, ['--require', watcher, PROGRAM, ...args], {
      cwd: elsewhere,
      env: {},
    });
    const names: string[] = JSON.parse(/^PARTS (?<names>.*)$/m.exec(finished.stderr)?.groups?.['names'] ?? '');
    const inputs = names.map((name) => built.metafile.outputs[name.replace('./', 'parts/')]?.inputs ?? {});
    return { exit: finished.exit, packages: bundledPackages({ inputs: Object.assign({}, ...inputs), outputs: {} }) };
  }

  test.each([
    { args: ['--version'], exit: 0, packages: [] },
    { args: ['--help'], exit: 0, packages: ['commander'] },
    { args: ['fetch', '--no-such-option'], exit: 64, packages: ['commander'] },
    { args: ['fetch', '--timeout', 'soon', 'A=b'], exit: 64, packages: ['commander'] },
    { args: ['fetch', '--config', 'nowhere.yaml'], exit: 78, packages: ['commander'] },
  ])('$args', async ({ args, exit, packages }) => {
    expect(await loadedBy(...args)).toEqual({ exit, packages });
  });

  test('a rehearsal, which needs all of it', async () => {
    const { exit, packages } = await loadedBy('dev', 'exec', '--', '/bin/true');
    expect(exit).toBe(0);
    expect(packages).toContain('@peculiar/x509');
    expect(packages).toContain('jose');
  });
});

/** Says at the end which parts of the bundle were compiled. */
const WATCHER = `
const vm = require('node:vm');
const names = [];
vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options);
    names.push(options.filename);
  }
};
process.on('exit', () => require('node:fs').writeSync(2, '\\nPARTS ' + JSON.stringify(names) + '\\n'));
`;
