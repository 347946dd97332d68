import type { Runtime } from '../../lib/runtime.ts';
import { becomeCommand } from './become.ts';
import { distorted } from './environment.ts';

const SHELL = '/bin/sh';

/**
 * Hands every signal on, and ends by the code of what it started, 128+n where that was a signal. While it waits, a shell takes
 * note of every child that it has, also of those that it was left with. Its own streams are closed: nobody waits for them.
 */
const COLLECTOR = `
p=
q=
for s in HUP INT QUIT USR1 USR2 TERM CONT; do trap "i=1; if [ -n \\"\\$p\\" ]; then kill -$s \\$p; else q=\\"\\$q $s\\"; fi" $s; done
exec 3<&0
"$@" <&3 3<&- &
p=$!
exec 3<&- </dev/null >/dev/null 2>&1
for s in $q; do kill -$s $p; done
while i=; wait $p; c=$?; [ -n "$i" ] && kill -0 $p; do :; done
exit $c
`;

/**
 * The first process of a container is left with every process whose parent has ended, and has to take note of their ends, or
 * they stay for ever. Node cannot; a shell does. So where we are the first process, that place becomes a shell's,
 * which starts us again. Returns anywhere else, and where that is not possible.
 */
export function leaveFirstPlace(runtime: Runtime): void {
  const { host, argv, env } = runtime;
  if (host.pid !== 1) return;
  const variables = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  // What Node cannot hand on as it is would be spoiled on the way.
  if (distorted(variables, runtime).length > 0) return;
  const ourselves = [host.execPath, ...host.execArgv, ...(host.script === undefined ? [] : [host.script])];
  becomeCommand({ file: SHELL, argv: ['sh', '-c', COLLECTOR, 'secretctl', ...ourselves, ...argv] }, variables, runtime);
}
