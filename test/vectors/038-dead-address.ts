import { vector } from '../support/vectors.ts';

export default vector({
  row: 38,
  title: 'first address dead, second good',
  cases: [
    {
      // `localhost` is ::1 as well on most machines, and the server listens on 127.0.0.1 alone.
      before: (stage) => ({ CONJUR_APPLIANCE_URL: stage.rehearsal.url.replace('127.0.0.1', 'localhost') }),
      exit: 0,
    },
  ],
});
