import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { interrupted } from '../support/shell.ts';

export default vector({
  row: 123,
  title: 'SIGUSR1, SIGUSR2 and SIGQUIT during a fetch',
  cases: [
    ...(['SIGUSR1', 'SIGUSR2'] as const).map(
      (signal) =>
        ({
          name: signal,
          faults: ['read:slow*1'],
          run: interrupted(signal, 2, ['fetch', '--format', 'json', 'PASSWORD=prod/db/password']),
          exit: 0,
          stdout: /PASSWORD/,
          saysNot: [/Debugger/],
        }) satisfies Case,
    ),
    {
      name: 'SIGQUIT',
      faults: ['read:silent*9'],
      run: interrupted('SIGQUIT', 2, ['fetch', '--format', 'json', 'PASSWORD=prod/db/password']),
      exit: 131,
      reason: 'QUIT',
    },
  ],
});
