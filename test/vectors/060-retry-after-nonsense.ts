import { vector } from '../support/vectors.ts';

export default vector({
  row: 60,
  title: 'Retry-After that means nothing',
  cases: [
    ...['-5', 'soon', '1e12'].map(
      (value) => ({ name: value, faults: [`read:503*1;retry-after=${value}`], exit: 0 }) as const,
    ),
  ],
});
