import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { PROGRAM, runCommand } from '../support/program.ts';

export default vector({
  row: 129,
  title: 'Node too old',
  cases: [
    ...['20.20.2', '22.18.0', '18.0.0'].map(
      (version) =>
        ({
          name: version,
          run: (stage, env) =>
            runCommand(
              process.execPath,
              [
                '--import',
                `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`,
                PROGRAM,
                'fetch',
                'A=prod/db/password',
              ],
              { cwd: stage.cwd, env },
            ),
          exit: 78,
          reason: 'NODE_VERSION',
          says: [/22\.19/],
          packets: 0,
        }) satisfies Case,
    ),
  ],
});
