import { vector } from '../support/vectors.ts';

export default vector({
  row: 71,
  title: '200 with an HTML login page',
  cases: [
    { name: 'read', faults: ['read:html*9'], exit: 76, reason: 'NOT_THE_API' },
    {
      name: 'exchange',
      faults: ['exchange:html*9'],
      exit: 76,
      reason: 'NOT_THE_API',
      says: [/POST https:\/\/\S+\/authn-jwt\/ci\/rehearsal\/authenticate was answered/],
      saysNot: [/\{service\}/],
    },
  ],
});
