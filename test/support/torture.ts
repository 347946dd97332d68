/**
 * The file operations that change something, in the order of a run. A preload counts them and, at the one that is
 * asked for, kills the process or fails with a system error: the world's own faults, on the built program.
 */
const OPERATIONS = [
  'openSync',
  'writeSync',
  'writeFileSync',
  'chmodSync',
  'fchmodSync',
  'fsyncSync',
  'renameSync',
  'unlinkSync',
  'rmSync',
  'mkdirSync',
  'closeSync',
];

/** What happens at the operation whose number is asked for. */
export type Blow = 'KILL' | 'ENOSPC' | 'EIO' | 'EACCES' | 'EMFILE' | 'EROFS' | 'EDQUOT';

/**
 * A value for NODE_OPTIONS. Operations count from 1, those of Node's own loader not; without an
 * `at` they are only counted. The total is written to the file `counted`.
 */
export function tortured(blow: Blow, at: number, counted: string): string {
  const source = `
    import fs from 'node:fs';
    const real = { ...fs };
    let seen = 0;
    for (const name of ${JSON.stringify(OPERATIONS)}) {
      fs[name] = (...args) => {
        const mine = !(new Error().stack.split('\\n')[2] ?? 'node:').includes('node:');
        if (mine && ++seen === ${at}) {
          if (${JSON.stringify(blow)} === 'KILL') process.kill(process.pid, 'SIGKILL');
          else throw Object.assign(new Error('injected'), { code: ${JSON.stringify(blow)}, syscall: name });
        }
        return real[name](...args);
      };
    }
    process.on('exit', () => real.writeFileSync(${JSON.stringify(counted)}, String(seen)));
  `;
  return `--import=data:text/javascript,${encodeURIComponent(source)}`;
}
