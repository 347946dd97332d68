import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';

export default vector({
  row: 122,
  title: 'NODE_OPTIONS that would show secrets',
  cases: [
    ...[
      '--inspect=127.0.0.1:0',
      '--tls-keylog=keys',
      '--heapsnapshot-signal=SIGUSR2',
      '--heap-prof',
      '--report-on-signal',
      '--report-uncaught-exception',
    ].map(
      (option) =>
        ({
          name: option,
          before: (stage) => ({
            NODE_OPTIONS: option === '--heap-prof' ? `${option} --heap-prof-dir=${stage.attic}` : option,
          }),
          exit: 78,
          reason: 'UNSAFE_NODE_OPTIONS',
          says: [option.split('=')[0] ?? ''],
          packets: 0,
        }) satisfies Case,
    ),
  ],
});
