import { vector } from '../support/vectors.ts';

export default vector({
  row: 51,
  title: 'no_proxy with CIDR',
  cases: [
    { env: { https_proxy: 'http://127.0.0.1:1', no_proxy: '10.0.0.0/8' }, exit: 0, says: [/warning: .*no_proxy/] },
  ],
});
