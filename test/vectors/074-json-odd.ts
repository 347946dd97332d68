import { vector } from '../support/vectors.ts';

export default vector({
  row: 74,
  title: 'JSON that is deep, huge or polluting',
  cases: [
    {
      name: 'nested',
      faults: [`exchange:200;type=application/json;body=${'['.repeat(60_000)}`],
      exit: 76,
      reason: 'BAD_JSON',
    },
    {
      name: '1e999',
      backend: 'fortipam',
      faults: ['exchange:200;type=application/json;body={"access_token":1e999}'],
      args: ['fetch', 'A=ci/x'],
      exit: 76,
      reason: 'UNEXPECTED_ANSWER',
    },
    {
      name: '__proto__',
      backend: 'fortipam',
      faults: ['exchange:200;type=application/json;body={"__proto__":{"access_token":"abc"}}'],
      args: ['fetch', 'A=ci/x'],
      exit: 76,
      reason: 'UNEXPECTED_ANSWER',
    },
  ],
});
