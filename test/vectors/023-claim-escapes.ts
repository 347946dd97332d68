import { vector } from '../support/vectors.ts';

export default vector({
  row: 23,
  title: 'claim with control characters',
  cases: [
    {
      name: 'accepted',
      claims: { user_login: 'a\u001b[2Jb' },
      args: ['fetch', '--debug', '--format', 'json', 'A=prod/db/password'],
      exit: 0,
      saysNot: [/\u001b/],
    },
    {
      name: 'escaped where shown',
      claims: { sub: 'x\u001b[31m::add-mask::y\u202e' },
      faults: ['exchange:401*4'],
      exit: 77,
      reason: 'AUTH_REFUSED',
      says: [/\\u\{1b\}/],
      saysNot: [/\u001b/, /\u202e/, /::add-mask/],
    },
  ],
});
