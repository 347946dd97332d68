import { vector } from '../support/vectors.ts';

export default vector({
  row: 52,
  title: 'redirects of every kind',
  cases: [
    ...[301, 302, 303, 307, 308].flatMap((status) => [
      {
        name: `${status} at the exchange`,
        faults: [`exchange:redirect;status=${status}`],
        exit: 76,
        reason: 'REDIRECT_REFUSED',
        packets: 1,
      } as const,
      {
        name: `${status} at a read`,
        faults: [`read:redirect;status=${status}`],
        exit: 76,
        reason: 'REDIRECT_REFUSED',
      } as const,
    ]),
  ],
});
