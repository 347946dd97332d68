import { vector } from '../support/vectors.ts';

export default vector({
  row: 44,
  title: 'NODE_TLS_REJECT_UNAUTHORIZED=0',
  cases: [{ env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, exit: 78, reason: 'UNSAFE_TLS_ENV', packets: 0 }],
});
