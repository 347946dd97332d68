import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pkg from '@yao-pkg/pkg/lib-es5/sea.js';

/**
 * Makes `dist/secretctl-<platform>-<arch>` from `dist/secretctl.cjs` and this very Node: what `pkg --sea` calls its
 * simple mode. It is called by its function, because its command line can say neither which Node to take (it would
 * download one, through a cache in the home directory) nor what that Node is started with.
 */
const dist = path.join(import.meta.dirname, '../dist');
const bundle = path.join(dist, 'secretctl.cjs');
const output = path.join(dist, `secretctl-${process.platform}-${process.arch}`);
const platforms = { darwin: 'macos', win32: 'win' } as const;
const platform = process.platform === 'darwin' || process.platform === 'win32' ? platforms[process.platform] : 'linux';

const OPTIONS = ['--disable-sigusr1'];

const place = mkdtempSync(path.join(tmpdir(), 'package-'));
try {
  const assets = preparedCode(place);
  const seaConfig = {
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: true,
    assets,
    execArgv: OPTIONS,
    // NODE_OPTIONS of the job is for the job's programs; here it could only open the process to others.
    execArgvExtension: 'none',
  };
  mkdirSync(dist, { recursive: true });
  rmSync(output, { force: true });
  await pkg.default(bundle, {
    nodePath: process.execPath,
    signature: true,
    targets: [{ nodeRange: `node${process.versions.node}`, platform, arch: process.arch, output }],
    seaConfig,
  });
} finally {
  rmSync(place, { recursive: true, force: true });
}

/** What V8 makes of the parts of the bundle in rehearsed runs, as files by the parts' names. */
function preparedCode(directory: string): Record<string, string> {
  const program = [...OPTIONS, '--import', path.join(import.meta.dirname, 'build/record.ts'), bundle];
  const fetch = ['fetch', '--allow-unsafe-runtime', '--quiet', '--format'];
  const runs = [
    [...fetch, 'json'],
    [...fetch, 'sh', '-o', path.join(directory, 'out')],
    ['logout', '--allow-unsafe-runtime', '--quiet'],
  ];
  const cache = path.join(directory, 'code');
  mkdirSync(cache);
  const env = { PATH: process.env['PATH'], HOME: directory, CODE_CACHE: cache };
  for (const run of runs) {
    const rehearsed = ['dev', 'exec', '--', 'env', `CODE_CACHE=${cache}`, process.execPath, ...program, ...run];
    execFileSync(process.execPath, [...program, ...rehearsed], {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }
  return Object.fromEntries(readdirSync(cache).map((file) => [decodeURIComponent(file), path.join(cache, file)]));
}
