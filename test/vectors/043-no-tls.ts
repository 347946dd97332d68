import { vector } from '../support/vectors.ts';
import { rawServer, reply } from '../support/odd-servers.ts';

export default vector({
  row: 43,
  title: 'plain http server on the https port',
  cases: [
    {
      before: async (stage) => ({
        CONJUR_APPLIANCE_URL: `https://127.0.0.1:${await rawServer(stage, reply('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'))}`,
      }),
      exit: 80,
      reason: 'TLS_NOT_TLS',
    },
  ],
});
