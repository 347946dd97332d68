import { vector } from '../support/vectors.ts';
import { rawServer, reply } from '../support/odd-servers.ts';

export default vector({
  row: 49,
  title: 'proxy answers CONNECT with HTML',
  cases: [
    {
      env: { CONJUR_APPLIANCE_URL: 'https://conjur.example.test' },
      before: async (stage) => ({
        https_proxy: `http://127.0.0.1:${await rawServer(stage, reply('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>'))}`,
      }),
      exit: 76,
      reason: 'PROXY_PROTOCOL',
    },
  ],
});
