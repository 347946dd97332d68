import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import pkg from '@yao-pkg/pkg/lib-es5/sea.js';

/**
 * Makes `dist/secretctl-<platform>-<arch>` from `dist/secretctl.cjs` and this very Node: what `pkg --sea` calls its
 * simple mode. It is called by its function, because its command line can say neither which Node to take (it would
 * download one, through a cache in the home directory) nor what that Node is started with.
 */
const dist = path.join(import.meta.dirname, '../dist');
const output = path.join(dist, `secretctl-${process.platform}-${process.arch}`);
const platforms = { darwin: 'macos', win32: 'win' } as const;
const platform = process.platform === 'darwin' || process.platform === 'win32' ? platforms[process.platform] : 'linux';

const seaConfig = {
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  useCodeCache: true,
  execArgv: ['--disable-sigusr1'],
  // NODE_OPTIONS of the job is for the job's programs; here it could only open the process to others.
  execArgvExtension: 'none',
};

mkdirSync(dist, { recursive: true });
rmSync(output, { force: true });
await pkg.default(path.join(dist, 'secretctl.cjs'), {
  nodePath: process.execPath,
  signature: true,
  targets: [{ nodeRange: `node${process.versions.node}`, platform, arch: process.arch, output }],
  seaConfig,
});
